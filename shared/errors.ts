/**
 * Every way fedoxnet can refuse, as one closed table: what happened, whether a retry can help, and what to do.
 * A code is stable: scripts, the audit log and other implementations of the protocol rely on it.
 */
export interface ErrorEntry {
  /** HTTP status when the code crosses the wire. */
  readonly http: number;
  /** Process exit status when a command ends with this code (sysexits.h where one fits). */
  readonly exit: number;
  /** True when the same request may succeed later without anyone changing anything. */
  readonly retry: boolean;
  /** What the person who reads it can do about it. One sentence. */
  readonly help: string;
}

/** The document with a section for each code: what it means, who sees it, what to do. */
const PAGES = 'shared/ERRORS.md';

export const ERRORS = {
  // Commands and configuration
  USAGE: { http: 400, exit: 64, retry: false, help: 'Run the command with --help to see its options.' },
  CONFIG_INVALID: { http: 400, exit: 78, retry: false, help: 'Correct the named setting and start again.' },
  OUTPUT_EXISTS: { http: 409, exit: 73, retry: false, help: 'Name another --out, or remove what is there.' },
  NOT_SET_UP: { http: 500, exit: 69, retry: false, help: 'Run "npm run setup" in the checkout.' },
  CHECK_FAILED: {
    http: 500,
    exit: 78,
    retry: false,
    help: 'Do what the failed lines say, then check again.',
  },
  PORT_IN_USE: {
    http: 500,
    exit: 69,
    retry: false,
    help: 'Stop the other program or choose another port.',
  },
  DATA_IN_USE: {
    http: 500,
    exit: 69,
    retry: false,
    help: 'Another process works on this folder: let it end, stop it, or choose another folder.',
  },
  DATABASE_UNREACHABLE: {
    http: 503,
    exit: 69,
    retry: true,
    help: 'Check DATABASE_URL and that the server accepts connections, or leave it out for the embedded database.',
  },
  DISK_FULL: {
    http: 507,
    exit: 74,
    retry: true,
    help: 'Free space on the disk that the message names; the work is tried again by itself.',
  },
  INTERNAL: { http: 500, exit: 70, retry: false, help: 'This is a defect: please report it with the log.' },
  // Identity
  INVITATION_INVALID: {
    http: 403,
    exit: 77,
    retry: false,
    help: 'Ask the operator for a new one: fedoxnet-coordinator site invite NAME.',
  },
  SITE_UNKNOWN: { http: 403, exit: 77, retry: false, help: 'Enrol this site first: fedoxnet-site enroll.' },
  SITE_REVOKED: { http: 403, exit: 77, retry: false, help: 'The operator revoked this site; ask why.' },
  SITE_ALREADY_CONNECTED: {
    http: 409,
    exit: 75,
    retry: true,
    help: 'Another agent is connected with the same key. Stop it, or revoke the key if it is not yours.',
  },
  SIGNATURE_INVALID: { http: 403, exit: 77, retry: false, help: 'The key does not match the enrolled one.' },
  SESSION_INVALID: { http: 401, exit: 77, retry: true, help: 'Sign in again: the session ended.' },
  COORDINATOR_KEY_CHANGED: {
    http: 403,
    exit: 77,
    retry: false,
    help: 'The coordinator is not the one this site enrolled with. Do not go on before the operator explains it.',
  },
  SIGN_IN_REFUSED: {
    http: 401,
    exit: 77,
    retry: false,
    help: 'Try again, or ask the operator for a new invitation: fedoxnet-coordinator user invite NAME.',
  },
  CONSOLE_REFUSED: {
    http: 401,
    exit: 77,
    retry: false,
    help: 'Start the console again for a new link, or set a password: fedoxnet-site console-password.',
  },
  FORBIDDEN: { http: 403, exit: 77, retry: false, help: 'This account may not do that; ask the operator.' },
  POLICY_FORBIDS: {
    http: 403,
    exit: 77,
    retry: false,
    help: "The site's own policy.json decides; its staff may change it.",
  },
  OUTSIDE_HOURS: {
    http: 503,
    exit: 75,
    retry: true,
    help: 'The site begins rounds at the hours of its own policy.json; it is asked again by itself.',
  },
  // Messages and transfers
  PROTOCOL_VERSION: { http: 426, exit: 76, retry: false, help: 'Update the older of the two programs.' },
  MESSAGE_INVALID: {
    http: 400,
    exit: 76,
    retry: false,
    help: 'A field is missing or wrong: see PROTOCOL.md.',
  },
  TOO_LARGE: { http: 413, exit: 76, retry: false, help: 'The message is above the limit in PROTOCOL.md.' },
  TOO_SLOW: {
    http: 408,
    exit: 75,
    retry: true,
    help: 'Look at the line; what has arrived is kept, and the rest is sent again by itself.',
  },
  RATE_LIMITED: { http: 429, exit: 75, retry: true, help: 'Wait and try again.' },
  NOT_FOUND: { http: 404, exit: 66, retry: false, help: 'Check the name.' },
  CHUNK_NOT_AUTHENTIC: { http: 400, exit: 76, retry: true, help: 'A chunk did not open; it is sent again.' },
  DATA_KEY_NOT_AUTHENTIC: {
    http: 400,
    exit: 76,
    retry: false,
    help: 'The data key is sealed for another key: check that both sides hold the keys of the enrolment.',
  },
  UPLOAD_INCOMPLETE: {
    http: 409,
    exit: 75,
    retry: true,
    help: 'Send the missing chunks, then complete again.',
  },
  UPLOAD_MISMATCH: { http: 409, exit: 76, retry: false, help: 'The upload is not what its header says.' },
  COORDINATOR_UNREACHABLE: {
    http: 503,
    exit: 69,
    retry: true,
    help: 'Check the address, the proxy and the firewall, and that the coordinator runs.',
  },
  COORDINATOR_FAILED: {
    http: 502,
    exit: 69,
    retry: true,
    help: 'It is tried again by itself; if it goes on, the operator finds the cause in the log of the coordinator.',
  },
  // Studies, rounds, weights
  PLAN_INVALID: { http: 400, exit: 65, retry: false, help: 'Correct the named field of the plan.' },
  PLAN_NOT_APPROVED: {
    http: 403,
    exit: 77,
    retry: false,
    help: 'Approve it first: fedoxnet-site approve HASH.',
  },
  STUDY_EXISTS: { http: 409, exit: 73, retry: false, help: 'Choose another study name.' },
  STUDY_STATE: {
    http: 409,
    exit: 75,
    retry: false,
    help: 'The study is not in a state that allows this: see fedoxnet-coordinator study status.',
  },
  STAGE_NOT_REACHED: {
    http: 409,
    exit: 75,
    retry: false,
    help: 'Nothing to do: the site is invited again to each round, and takes part when its films are asked for.',
  },
  ROUND_NOT_OPEN: {
    http: 409,
    exit: 75,
    retry: true,
    help: 'The round that takes this late update has not begun yet; it is sent again by itself.',
  },
  ROUND_CLOSED: {
    http: 409,
    exit: 75,
    retry: false,
    help: 'The update names a round that has already closed.',
  },
  ROUND_WITHOUT_UPDATES: {
    http: 500,
    exit: 75,
    retry: true,
    help: 'No site delivered an update before the deadline; look at the sites, then resume.',
  },
  WEIGHTS_INVALID: {
    http: 400,
    exit: 65,
    retry: false,
    help: 'Names, shapes or numbers do not fit the model.',
  },
  UPDATE_TOO_LONG: {
    http: 400,
    exit: 65,
    retry: false,
    help: "The update is far longer than training can make it: look at the site's data and learning rate.",
  },
  MODEL_INVALID: {
    http: 400,
    exit: 65,
    retry: false,
    help: 'The file is not a model of this study; name another.',
  },
  RECEIPT_WRONG: {
    http: 409,
    exit: 76,
    retry: false,
    help: 'Do not use the release before the operator explains what was counted.',
  },
  RECEIPT_UNCONFIRMED: {
    http: 409,
    exit: 75,
    retry: false,
    help: 'Export the receipts again when the site was connected; --allow-unconfirmed does without others, not without the site of --home.',
  },
  // Films and labels at a site
  DATA_MISSING: { http: 400, exit: 66, retry: false, help: 'Check the path.' },
  DATA_INVALID: {
    http: 400,
    exit: 65,
    retry: false,
    help: 'Correct the named row or file, then import again.',
  },
  FILM_UNREADABLE: {
    http: 400,
    exit: 65,
    retry: false,
    help: 'The image cannot be decoded; remove or replace it.',
  },
  CACHE_UNWRITABLE: {
    http: 500,
    exit: 73,
    retry: true,
    help: 'Check the free space and the permissions of the folder for decoded films.',
  },
  PACS_UNREACHABLE: {
    http: 503,
    exit: 69,
    retry: true,
    help: 'Check host, port, proxy and firewall, and that the PACS runs: fedoxnet-site check --only pacs.',
  },
  PACS_REFUSED: {
    http: 403,
    exit: 77,
    retry: false,
    help: 'Ask the PACS administrator to admit this AE title or user, or correct pacs.json.',
  },
  PACS_UNTRUSTED: {
    http: 502,
    exit: 77,
    retry: false,
    help: 'Put the certificate of its CA into tls.caFile (DIMSE) or NODE_EXTRA_CA_CERTS, or set tls.serverName to its name.',
  },
  PACS_ANSWER_INVALID: {
    http: 502,
    exit: 76,
    retry: false,
    help: 'Check address, port and path: something else may answer there; or try the other way, DICOMweb or DIMSE.',
  },
  REPORT_REFUSED: {
    http: 502,
    exit: 76,
    retry: false,
    help: 'Look the status up in the conformance statement of the destination; the files are kept.',
  },
  LEDGER_UNWRITABLE: {
    http: 500,
    exit: 73,
    retry: true,
    help: 'Check the free space and the permissions of the ledger folder, then send again: reports need a line there.',
  },
  PULL_INCOMPLETE: {
    http: 503,
    exit: 75,
    retry: true,
    help: 'Run the same command again: it fetches only what is missing.',
  },
  BOX_OUTSIDE_FILM: {
    http: 400,
    exit: 65,
    retry: false,
    help: 'A box leaves its film; correct the label row.',
  },
  NO_USABLE_FILMS: {
    http: 400,
    exit: 65,
    retry: false,
    help: 'No film is left to train on; see the census.',
  },
  // Training
  TRAINING_DIVERGED: {
    http: 500,
    exit: 70,
    retry: false,
    help: 'A loss or weight is not finite; lower the rate.',
  },
  TRAINER_DIED: { http: 500, exit: 70, retry: true, help: 'The trainer ended early; it is started again.' },
  BACKEND_UNAVAILABLE: {
    http: 500,
    exit: 69,
    retry: false,
    help: 'Run "npm run setup", or use --backend wasm.',
  },
} as const satisfies Record<string, ErrorEntry>;

export type ErrorCode = keyof typeof ERRORS;

/** The one exception type of fedoxnet. `message` says what happened, the table says what to do about it. */
export class FederationError extends Error {
  override readonly name = 'FederationError';
  readonly code: ErrorCode;

  constructor(code: ErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }

  get entry(): ErrorEntry {
    return ERRORS[this.code];
  }

  /** Code, what happened, what to do: one line. */
  get line(): string {
    return `${this.code}: ${this.message} ${this.entry.help}`;
  }

  /** Where more is written about the code. */
  get page(): string {
    return `${PAGES}#${this.code.toLowerCase()}`;
  }

  /** What a command prints before it ends. */
  get lastLine(): string {
    return `${this.line} More: ${this.page}`;
  }
}

export function isErrorCode(value: unknown): value is ErrorCode {
  return typeof value === 'string' && Object.hasOwn(ERRORS, value);
}
