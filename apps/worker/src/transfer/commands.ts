import { commandHelp, type CommandDescription } from '../command-help.ts'

/** The commands that handle a whole installation, on the machine that has it. */
export const TRANSFER_COMMANDS = ['backup', 'restore', 'move'] as const
export type TransferCommand = (typeof TRANSFER_COMMANDS)[number]

const COMMON = {
  'dry-run': { type: 'boolean', help: 'Count and check, and write nothing.' },
  json: { type: 'boolean', help: 'Print one JSON object on stdout, and nothing else there.' },
  help: { type: 'boolean', help: 'Show this text.' },
} as const

const RESUME = { type: 'boolean', help: 'Go on with one that was interrupted.' } as const

export const COMMANDS = {
  backup: {
    summary: 'Writes everything (database, files, the secret of the sessions) into a folder or a .tar file.',
    details: [
      'The embedded database has to be stopped for it; on PostgreSQL it takes a snapshot while Quarry runs.',
      'What it writes is as secret as the data folder.',
    ],
    options: {
      to: { type: 'string', value: 'folder or file.tar', help: 'Where to; else quarry-backup-<time> here.' },
      ...COMMON,
    },
    examples: ['backup --to /srv/backups/monday', 'backup --to monday.tar --json'],
  },
  restore: {
    summary: 'Fills an empty installation from a backup, which is checked as a whole before.',
    details: ['Into DATABASE_URL and BLOB_URL where they are set, else into QUARRY_DATA. Nothing is overwritten.'],
    options: {
      from: { type: 'string', value: 'folder or file.tar', help: 'What `quarry backup` wrote.' },
      resume: RESUME,
      ...COMMON,
    },
    examples: ['restore --from /srv/backups/monday'],
  },
  move: {
    summary: 'Copies this installation into an empty PostgreSQL database, and compares every table.',
    details: [
      'Quarry has to be stopped. The installation that is moved is only read, and stays as it is.',
      'Keys for s3:// come from S3_ENDPOINT, S3_REGION, S3_ACCESS_KEY_ID and S3_SECRET_ACCESS_KEY.',
    ],
    options: {
      to: { type: 'string', value: 'DATABASE_URL', help: 'The new database, as the role login.' },
      'owner-url': { type: 'string', value: 'url', help: 'The same as its owner, who makes the tables.' },
      blobs: {
        type: 'string',
        value: 's3://… or file:///…',
        help: 'Where the files go; else they stay where they are.',
      },
      resume: RESUME,
      ...COMMON,
    },
    examples: [
      'move --to postgres://login:…@db/quarry --owner-url postgres://owner:…@db/quarry --blobs s3://documents/quarry',
    ],
  },
} as const satisfies Record<TransferCommand, Omit<CommandDescription, 'usage'>>

export const helpOf = (command: TransferCommand): string => commandHelp({ usage: [command], ...COMMANDS[command] })
