/** What a person may be in a consortium, and what each may do. The closed table; every route names what it needs. */
export const ROLES = ['operator', 'researcher', 'auditor'] as const;
export type Role = (typeof ROLES)[number];

const PERMISSIONS = {
  /** See studies, their rounds and figures. */
  look: ['operator', 'researcher', 'auditor', 'viewer'],
  /** See which sites enrolled, and with which keys. */
  roster: ['operator', 'researcher', 'auditor'],
  /** Create a study and give it its first model. */
  define: ['operator', 'researcher'],
  /** Take a released model away. */
  export: ['operator', 'researcher'],
  /** Start, pause, resume and cancel a study. */
  run: ['operator'],
  /** Invite and revoke sites. */
  sites: ['operator'],
  /** Invite, reset and remove people. */
  people: ['operator'],
  /** Read and verify the audit log. */
  audit: ['operator', 'auditor'],
} as const satisfies Record<string, readonly (Role | 'viewer')[]>;
export type Permission = keyof typeof PERMISSIONS;

/** Who asks: a person who signed in, or whoever holds a token of the data folder. */
export interface Actor {
  /** The person's name, or `token:operator` and `token:viewer`, which no person can be called. Stands in the audit log. */
  readonly name: string;
  /** `viewer` is the role of the viewer token alone. */
  readonly role: Role | 'viewer';
}

export function may({ role }: Actor, permission: Permission): boolean {
  return (PERMISSIONS[permission] as readonly string[]).includes(role);
}
