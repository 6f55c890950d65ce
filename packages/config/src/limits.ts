import { processEnvironment, type Environment } from './environment.ts'
import { parseVariables } from './parse.ts'

/** Bounds of one file and one answer. Units are in the names. */
export interface Limits {
  readonly uploadMaxBytes: number
  readonly parse: { readonly memoryMb: number; readonly timeoutSeconds: number; readonly processes: number }
  /** Text recognition; null: off. */
  readonly ocr: {
    readonly languages: readonly string[]
    readonly languageFolder: string | undefined
    /** For one page. */
    readonly timeoutSeconds: number
    readonly maxPages: number
  } | null
  readonly run: {
    readonly maxSteps: number
    readonly maxTokens: number
    readonly maxSeconds: number
    /** Answers of one user or API key at the same time. */
    readonly maxPerUser: number
    readonly maxPerOrganisation: number
  }
  /** Live connections to one web process at the same time. */
  readonly stream: {
    /** Of one person or key. */
    readonly maxPerUser: number
    readonly maxPerOrganisation: number
    readonly maxPerProcess: number
  }
  /** Calls and pages that one web process works on at the same time. */
  readonly requests: { readonly maxPerProcess: number }
  /** Token buckets: so much at once, refilled evenly over the time in the name. */
  readonly rate: {
    /** Of one person or key. */
    readonly perMinute: number
    /** Of one organisation. */
    readonly perHour: number
    /** Of one client address; an IPv6 /64 counts as one. */
    readonly perMinuteAndAddress: number
  }
  /** How long a workspace can be opened again that its owners had deleted. */
  readonly workspaceDeletionHours: number
  /** Seconds that cached reads are kept. */
  readonly cache: {
    readonly lists: number
    readonly profile: number
    readonly permissions: number
    readonly search: number
  }
}

/** Throws AppConfigError with a line for every variable that cannot be used. */
export const readLimits = (env: Environment = processEnvironment()): Limits => {
  const v = parseVariables(env, [
    'UPLOAD_MAX_BYTES',
    'PARSE_MEMORY_MB',
    'PARSE_TIMEOUT_SECONDS',
    'PARSE_PROCESSES',
    'OCR_LANGUAGES',
    'OCR_LANGUAGE_FOLDER',
    'OCR_TIMEOUT_SECONDS',
    'OCR_MAX_PAGES',
    'RUN_MAX_STEPS',
    'RUN_MAX_TOKENS',
    'RUN_MAX_SECONDS',
    'RUN_MAX_PER_USER',
    'RUN_MAX_PER_ORGANISATION',
    'STREAM_MAX_PER_USER',
    'STREAM_MAX_PER_ORGANISATION',
    'STREAM_MAX_PER_PROCESS',
    'REQUEST_MAX_PER_PROCESS',
    'RATE_LIMIT_PER_MINUTE',
    'RATE_LIMIT_PER_HOUR',
    'RATE_LIMIT_IP_PER_MINUTE',
    'WORKSPACE_DELETION_HOURS',
    'CACHE_TTL_SECONDS',
    'CACHE_USER_PROFILE_TTL',
    'CACHE_PERMISSIONS_TTL',
    'CACHE_SEARCH_RESULTS_TTL',
  ])
  return {
    uploadMaxBytes: v.UPLOAD_MAX_BYTES,
    parse: { memoryMb: v.PARSE_MEMORY_MB, timeoutSeconds: v.PARSE_TIMEOUT_SECONDS, processes: v.PARSE_PROCESSES },
    ocr:
      v.OCR_LANGUAGES === null
        ? null
        : {
            languages: v.OCR_LANGUAGES,
            languageFolder: v.OCR_LANGUAGE_FOLDER,
            timeoutSeconds: v.OCR_TIMEOUT_SECONDS,
            maxPages: v.OCR_MAX_PAGES,
          },
    run: {
      maxSteps: v.RUN_MAX_STEPS,
      maxTokens: v.RUN_MAX_TOKENS,
      maxSeconds: v.RUN_MAX_SECONDS,
      maxPerUser: v.RUN_MAX_PER_USER,
      maxPerOrganisation: v.RUN_MAX_PER_ORGANISATION,
    },
    stream: {
      maxPerUser: v.STREAM_MAX_PER_USER,
      maxPerOrganisation: v.STREAM_MAX_PER_ORGANISATION,
      maxPerProcess: v.STREAM_MAX_PER_PROCESS,
    },
    requests: { maxPerProcess: v.REQUEST_MAX_PER_PROCESS },
    rate: {
      perMinute: v.RATE_LIMIT_PER_MINUTE,
      perHour: v.RATE_LIMIT_PER_HOUR,
      perMinuteAndAddress: v.RATE_LIMIT_IP_PER_MINUTE,
    },
    workspaceDeletionHours: v.WORKSPACE_DELETION_HOURS,
    cache: {
      lists: v.CACHE_TTL_SECONDS,
      profile: v.CACHE_USER_PROFILE_TTL,
      permissions: v.CACHE_PERMISSIONS_TTL,
      search: v.CACHE_SEARCH_RESULTS_TTL,
    },
  }
}
