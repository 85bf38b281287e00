/**
 * Why the bytes of a film cannot become a picture. Says nothing of the patient: it is shown, logged and kept.
 * Thrown inside the decoder only; at its door (`read-film.ts`) it becomes a finding for quarantine.
 */
export class DicomRefusal extends Error {
  override readonly name = 'DicomRefusal';
}
