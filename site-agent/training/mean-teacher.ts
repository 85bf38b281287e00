/**
 * Mean teacher (Tarvainen and Valpola 2017, arXiv:1703.01780): the exponential moving average of the student's parameters,
 *
 *   T ← d T + (1 − d) W
 *
 * It starts each round as the global model, which every site helped to make, not as the last local teacher.
 * @param teacher updated in place
 */
export function updateTeacher(teacher: Float32Array, student: Float32Array, decay: number): void {
  const rest = 1 - decay;
  for (let i = 0; i < teacher.length; i++) teacher[i] = decay * teacher[i]! + rest * student[i]!;
}
