import { commandHelp, type CommandDescription } from '../command-help.ts'

/** The commands of whoever runs an installation, on its machine and while it runs. */
export const OPERATOR_COMMANDS = ['flags', 'limits', 'operators', 'organisations'] as const
export type OperatorCommand = (typeof OPERATOR_COMMANDS)[number]
const SETTINGS = ['list', 'set', 'reset'] as const
/** What each can be asked to do. */
export const ACTIONS = {
  flags: SETTINGS,
  limits: SETTINGS,
  operators: ['list', 'add', 'remove'],
  organisations: ['list', 'delete', 'restore'],
} as const satisfies Record<OperatorCommand, readonly string[]>
export type Action = (typeof ACTIONS)[OperatorCommand][number]

const ORG = { type: 'string', value: 'name or id', help: 'Of this organisation alone.' } as const
const COMMON = {
  json: { type: 'boolean', help: 'Print one JSON object on stdout, and nothing else there.' },
  help: { type: 'boolean', help: 'Show this text.' },
} as const

export const COMMANDS = {
  flags: {
    usage: [
      'flags',
      'flags set <flag> on|off [--percent <0-100>] [--org <name or id>]',
      'flags reset <flag> [--org <name or id>]',
    ],
    summary: 'Shows what can be switched without a restart, and switches it.',
    details: [
      'What is switched counts on every server within a second. The switch of an organisation wins over that of the',
      'installation. A share is of the organisations, always the same ones; a larger share only adds some.',
    ],
    options: {
      percent: { type: 'string', value: '0-100', help: 'On for this share of the organisations.' },
      org: ORG,
      ...COMMON,
    },
    examples: [
      'flags',
      'flags set chat.answers off',
      'flags set search.semantic on --percent 25',
      'flags reset chat.answers',
    ],
  },
  limits: {
    usage: [
      'limits',
      'limits set --org <name or id> [--per-minute <n>] [--per-hour <n>] …',
      'limits reset --org <name or id>',
    ],
    summary: 'Shows the limits of organisations that differ from the configured ones, and sets them.',
    details: [
      'What is set counts on every server within a second; what is not mentioned stays as it is. `default` instead of a',
      'number gives a limit back to the variable that configures it.',
    ],
    options: {
      org: ORG,
      'per-minute': {
        type: 'string',
        value: 'n',
        help: 'Calls of one person or key in a minute (RATE_LIMIT_PER_MINUTE).',
      },
      'per-hour': { type: 'string', value: 'n', help: 'Calls of the organisation in an hour (RATE_LIMIT_PER_HOUR).' },
      'answers-per-person': {
        type: 'string',
        value: 'n',
        help: 'Answers of one person or key at once (RUN_MAX_PER_USER).',
      },
      answers: { type: 'string', value: 'n', help: 'Answers of the organisation at once (RUN_MAX_PER_ORGANISATION).' },
      ...COMMON,
    },
    examples: [
      'limits',
      'limits set --org "Acme Ltd" --per-minute 300 --per-hour 20000',
      'limits reset --org "Acme Ltd"',
    ],
  },
  operators: {
    usage: ['operators', 'operators add <e-mail>', 'operators remove <e-mail>'],
    summary: 'Shows who sees to the whole installation, and names others.',
    details: [
      'They see the jobs and workers of all workspaces, and may retry, cancel and pause them; never what is in a document.',
      'The first who signed up is one. The last one cannot be removed. A change counts within a second.',
    ],
    options: COMMON,
    examples: ['operators', 'operators add ada@example.org', 'operators remove ada@example.org'],
  },
  organisations: {
    usage: [
      'organisations',
      'organisations delete <name or id> --confirm <name> [--now]',
      'organisations restore <name or id>',
    ],
    summary: 'Shows the workspaces, closes one and has it deleted, and opens a closed one again.',
    details: [
      'A workspace that is to be deleted closes at once for everybody. For WORKSPACE_DELETION_HOURS it can be opened again;',
      'then a worker deletes all that it has. Ids, times and counts of deleted ones stay in this list.',
    ],
    options: {
      confirm: {
        type: 'string',
        value: 'name',
        help: 'The name once more: there is no undo after the hours are over.',
      },
      now: { type: 'boolean', help: 'Do not wait: it cannot be opened again.' },
      ...COMMON,
    },
    examples: [
      'organisations',
      'organisations delete "Acme Ltd" --confirm "Acme Ltd"',
      'organisations restore "Acme Ltd"',
    ],
  },
} as const satisfies Record<OperatorCommand, CommandDescription>

export const helpOf = (command: OperatorCommand): string => commandHelp(COMMANDS[command])
