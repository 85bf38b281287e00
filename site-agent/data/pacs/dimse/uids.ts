import { TRANSFER_SYNTAXES } from '../../dicom/transfer-syntax.js';

/** PS3.6, annex A. */
export const APPLICATION_CONTEXT = '1.2.840.10008.3.1.1.1';
export const VERIFICATION = '1.2.840.10008.1.1';
export const STUDY_ROOT_FIND = '1.2.840.10008.5.1.4.1.2.2.1';
export const STUDY_ROOT_MOVE = '1.2.840.10008.5.1.4.1.2.2.2';
export const STUDY_ROOT_GET = '1.2.840.10008.5.1.4.1.2.2.3';
export const IMPLICIT_LITTLE_ENDIAN = '1.2.840.10008.1.2';
export const EXPLICIT_LITTLE_ENDIAN = '1.2.840.10008.1.2.1';

/** Every syntax that films are decoded from: the PACS need not change what it stores. */
export const FILM_SYNTAXES: readonly string[] = TRANSFER_SYNTAXES.map(({ uid }) => uid);

/** Up to 16 characters. */
export const IMPLEMENTATION_VERSION = 'FEDOXNET_1';
