import type { OrgId } from '@quarry/contracts'

/**
 * What an operator can switch without a restart, with what counts where nobody has. Kill switches are on by default.
 * Switched by `quarry flags`, for the installation, a share of the organisations, or one of them.
 */
export const FLAGS = {
  'cache.reads': { default: true, about: 'Answers of reads are kept. Off: every read goes to the database.' },
  'limits.calls': { default: true, about: 'Calls are limited. Off: only sign-ins and simultaneous answers are.' },
  'search.semantic': { default: true, about: 'Search also goes by meaning. Off: by words alone.' },
  'chat.answers': {
    default: true,
    about: 'Questions are answered. Off: asking is refused, what is there can be read.',
  },
  'documents.uploads': {
    default: true,
    about: 'Files are taken. Off: uploads are refused, what is there can be read.',
  },
} as const satisfies Record<string, { readonly default: boolean; readonly about: string }>

export type FlagName = keyof typeof FLAGS

/** Limits of one organisation that differ from the configured ones; null: as configured. */
export interface OrganisationLimits {
  readonly perMinute: number | null
  readonly perHour: number | null
  readonly runsPerUser: number | null
  readonly runsPerOrganisation: number | null
}

/** What is switched and limited now. What was changed in the database counts a second later at most. */
export interface Flags {
  isOn(flag: FlagName, orgId: OrgId): Promise<boolean>
  limitsOf(orgId: OrgId): Promise<OrganisationLimits>
  close(): void
}
