import { z } from 'zod'
import { bindAddress, blobUrl, folder, httpUrl, ocrLanguages, postgresUrl, redisUrl, wholeNumber } from './schemas.ts'
import { MODEL_VARIABLES } from './model-variables.ts'
import { OLD_VARIABLES } from './old-variables.ts'
import { OBSERVABILITY_VARIABLES } from './observability-variables.ts'
import { TOOL_VARIABLES } from './tool-variables.ts'
import { variable, type Variable } from './variable.ts'

const MEBIBYTE = 1024 * 1024

export const VARIABLES = {
  PORT: variable({
    group: 'Server',
    schema: wholeNumber(1, 65_535),
    default: '3000',
    reason: 'Port of the web server.',
  }),
  HOSTNAME: variable({
    group: 'Server',
    schema: bindAddress,
    default: '127.0.0.1',
    reason:
      'Address to listen on; 0.0.0.0 behind a load balancer. A name instead of an address is not taken, because shells and containers set this variable by themselves.',
  }),
  PUBLIC_URL: variable({
    group: 'Server',
    schema: httpUrl,
    default: null,
    reason: 'Address that people type, for cookies and the origin check. Default: http://<HOSTNAME>:<PORT>.',
  }),
  TRUSTED_PROXIES: variable({
    group: 'Server',
    schema: wholeNumber(0, 10),
    default: '0',
    reason:
      'Proxies of yours in front of the server, each of which adds to X-Forwarded-For: so many of its last addresses are believed. Default: none, because anybody can send that header.',
  }),
  WEB_REPLICAS: variable({
    group: 'Server',
    schema: wholeNumber(1, 1000),
    default: '1',
    reason:
      'How many web servers share the database: each has its part of the limits while Redis is away, and `doctor` adds up their connections. More than one need REDIS_URL.',
  }),
  WORKER_REPLICAS: variable({
    group: 'Server',
    schema: wholeNumber(1, 1000),
    default: '1',
    reason: 'How many workers share the database, for the same sum of connections.',
  }),
  DRAIN_DELAY_MS: variable({
    group: 'Server',
    schema: wholeNumber(0, 15_000),
    default: '0',
    reason:
      'Milliseconds that a web server still takes requests after it was told to stop, while it already says that it is not ready: as long as the balancer takes to notice. Default: none, because `npm start` has no balancer. The whole of stopping is over 25 s later at the latest.',
  }),
  QUARRY_DATA: variable({
    group: 'Server',
    schema: folder,
    default: '.quarry',
    reason:
      'Folder of the embedded database, the uploaded files, the secret and the credentials of the first workspace.',
  }),
  AUTH_SECRET: variable({
    group: 'Server',
    schema: z.string().min(32, { error: 'must have at least 32 characters' }),
    default: null,
    reason:
      'Signs sessions. Default: made once and kept in QUARRY_DATA (0600). Required with DATABASE_URL, where replicas must share it.',
  }),
  QUARRY_PROVISION: variable({
    group: 'Server',
    schema: z.enum(['true', 'false']),
    default: 'true',
    reason: 'Whether the first start makes a first workspace, when the database has no user yet.',
  }),
  LOG_LEVEL: variable({
    group: 'Server',
    schema: z.enum(['debug', 'info', 'warn', 'error', 'fatal'], { error: 'must be debug, info, warn, error or fatal' }),
    default: 'info',
    reason: 'Least severity that is logged. One line per request and per job at info.',
  }),
  DATABASE_URL: variable({
    group: 'Database',
    schema: postgresUrl,
    default: null,
    reason: 'PostgreSQL 15 or newer with pgvector, as the role `login`. Default: the embedded database in QUARRY_DATA.',
  }),
  DATABASE_OWNER_URL: variable({
    group: 'Database',
    schema: postgresUrl,
    default: null,
    reason: 'The same database as its owner: migrations only. Default: DATABASE_URL.',
  }),
  DATABASE_DIRECT_URL: variable({
    group: 'Database',
    schema: postgresUrl,
    default: null,
    reason:
      'The same database past a transaction pooler, as `login`: the job queue needs sessions of its own. Default: DATABASE_URL. Required with DATABASE_POOLER=transaction.',
  }),
  DATABASE_POOLER: variable({
    group: 'Database',
    schema: z.enum(['none', 'transaction'], { error: 'must be none or transaction' }),
    default: 'none',
    reason:
      'Whether DATABASE_URL leads to a transaction pooler (PgBouncer, Supabase): then no statement is prepared, because the next one may meet another session.',
  }),
  DB_POOL_SIZE: variable({
    group: 'Database',
    schema: wholeNumber(2, 500),
    default: null,
    reason:
      'Connections that a process opens at most, of all its drivers together. Default: 20 where there is one web replica, else 10: transactions are short, more would only wait inside Postgres.',
  }),
  DB_MAX_OVERFLOW: variable({
    group: 'Database',
    schema: wholeNumber(0, 500),
    default: '0',
    reason:
      'Connections above DB_POOL_SIZE under load; an idle one closes after a minute. None by default, because the sum over all processes is what the server has to bear.',
  }),
  DB_POOL_TIMEOUT: variable({
    group: 'Database',
    schema: wholeNumber(1, 60),
    default: '3',
    reason:
      'Seconds to wait for a free connection before answering 503. Under 5 s, so that overload is told and not felt.',
  }),
  DB_POOL_RECYCLE: variable({
    group: 'Database',
    schema: wholeNumber(30, 86_400),
    default: '3600',
    reason: 'Seconds after which a connection is replaced, so that a failover or a new address is noticed.',
  }),
  REDIS_URL: variable({
    group: 'Redis and cache',
    schema: redisUrl,
    default: null,
    reason:
      'Redis 7 or Valkey 8 or newer, shared by all replicas: cache, single flight and limits. Default: in the memory of the one web process. Nothing that matters is only there.',
  }),
  REDIS_MAX_CONNECTIONS: variable({
    group: 'Redis and cache',
    schema: wholeNumber(2, 100),
    default: '4',
    reason:
      'Connections of one process to Redis at most. Commands are pipelined over one and messages come over another, so that more are not faster.',
  }),
  CACHE_TTL_SECONDS: variable({
    group: 'Redis and cache',
    schema: wholeNumber(1, 86_400),
    default: '300',
    reason:
      'How long a cached list counts that has no time of its own. Versions make it newer at once; this only bounds what is kept.',
  }),
  CACHE_USER_PROFILE_TTL: variable({
    group: 'Redis and cache',
    schema: wholeNumber(1, 86_400),
    default: '300',
    reason: 'Seconds that somebody’s profile is kept.',
  }),
  CACHE_PERMISSIONS_TTL: variable({
    group: 'Redis and cache',
    schema: wholeNumber(1, 86_400),
    default: '600',
    reason:
      'Seconds that it is kept who somebody is and what they may see. A change counts within a second all the same.',
  }),
  CACHE_SEARCH_RESULTS_TTL: variable({
    group: 'Redis and cache',
    schema: wholeNumber(1, 86_400),
    default: '1800',
    reason: 'Seconds that the results of a search are kept. A document that is added or deleted counts at once.',
  }),
  BLOB_URL: variable({
    group: 'Files',
    schema: blobUrl,
    default: null,
    reason: 'Where the bytes of documents are: file:///<folder> or s3://<bucket>/<prefix>. Default: QUARRY_DATA/blobs.',
  }),
  S3_ENDPOINT: variable({
    group: 'Files',
    schema: httpUrl,
    default: null,
    reason: 'Address of the S3 store, when it is not Amazon: with a port, without the bucket.',
  }),
  S3_REGION: variable({
    group: 'Files',
    schema: z.string().regex(/^[a-z0-9-]+$/, { error: 'must be the name of a region, such as eu-central-1' }),
    default: 'us-east-1',
    reason: "Region that requests are signed for. The default is Amazon's own, and what most other stores expect.",
  }),
  S3_ACCESS_KEY_ID: variable({
    group: 'Files',
    schema: z.string(),
    default: null,
    reason:
      'Key for the store, with its secret; required with s3://. It reads, writes, lists and deletes below the prefix.',
  }),
  S3_SECRET_ACCESS_KEY: variable({
    group: 'Files',
    schema: z.string(),
    default: null,
    reason: 'Secret of that key.',
  }),
  S3_PATH_STYLE: variable({
    group: 'Files',
    schema: z.enum(['true', 'false'], { error: 'must be true or false' }),
    default: null,
    reason:
      'Whether the bucket stands in the path instead of the host name. Default: true with S3_ENDPOINT, else false as Amazon wants it.',
  }),
  BACKUP_FOLDER: variable({
    group: 'Files',
    schema: folder,
    default: null,
    reason:
      'Folder that a worker writes a backup into each night, best on another disk. Default: no backups by the clock.',
  }),
  BACKUP_KEEP: variable({
    group: 'Files',
    schema: wholeNumber(1, 1000),
    default: '7',
    reason: 'Backups that stay there; older ones are deleted when a new one is complete and checked.',
  }),
  ...MODEL_VARIABLES,
  UPLOAD_MAX_BYTES: variable({
    group: 'Limits',
    schema: wholeNumber(1, 10 * 1024 * MEBIBYTE),
    default: String(100 * MEBIBYTE),
    reason: 'Largest file. 100 MiB holds a 2,400-page PDF; what is larger is nearly always images.',
  }),
  PARSE_MEMORY_MB: variable({
    group: 'Limits',
    schema: wholeNumber(64, 16_384),
    default: '512',
    reason: 'Memory (RSS, MiB) of one parser process before it is stopped. Ordinary files need under 200.',
  }),
  PARSE_TIMEOUT_SECONDS: variable({
    group: 'Limits',
    schema: wholeNumber(1, 3600),
    default: '60',
    reason: 'Time to read one file. The largest real PDF seen, 2,415 pages, takes 12 s.',
  }),
  OCR_LANGUAGES: variable({
    group: 'Limits',
    schema: ocrLanguages,
    default: 'eng',
    reason:
      'Languages that text in images and scans is recognised in, as Tesseract calls them and joined by +, such as eng+deu; each one more makes it slower. `off` leaves images and scans unread.',
  }),
  OCR_LANGUAGE_FOLDER: variable({
    group: 'Limits',
    schema: folder,
    default: null,
    reason:
      'Folder with <language>.traineddata files (or .traineddata.gz), looked at before the installed packages @tesseract.js-data/<language>. English is installed.',
  }),
  OCR_TIMEOUT_SECONDS: variable({
    group: 'Limits',
    schema: wholeNumber(1, 600),
    default: '60',
    reason:
      'Time to recognise one page, by the clock. A dense A4 page takes 2 to 4 s of computing, ten times that while others use the same cores; one that takes longer is no text.',
  }),
  OCR_MAX_PAGES: variable({
    group: 'Limits',
    schema: wholeNumber(1, 10_000),
    default: '200',
    reason: 'Scanned pages of one file that are recognised, about 8 minutes; the rest has a warning.',
  }),
  PARSE_PROCESSES: variable({
    group: 'Limits',
    schema: wholeNumber(1, 64),
    default: '2',
    reason: 'Parser processes of one worker, and the number of files that it works on at once. One per core.',
  }),
  RUN_MAX_STEPS: variable({
    group: 'Limits',
    schema: wholeNumber(1, 50),
    default: '8',
    reason: 'Model calls of one answer. Searching twice, reading and answering takes 4.',
  }),
  RUN_MAX_TOKENS: variable({
    group: 'Limits',
    schema: wholeNumber(1000, 10_000_000),
    default: '200000',
    reason:
      'Input and output tokens of one answer, all steps together: 8 steps of 25,000. Looked at between steps, so that the last one may pass it by its input.',
  }),
  RUN_MAX_SECONDS: variable({
    group: 'Limits',
    schema: wholeNumber(5, 3600),
    default: '120',
    reason: 'Time for one answer. Nobody waits longer; what was written until then is kept.',
  }),
  RUN_MAX_PER_USER: variable({
    group: 'Limits',
    schema: wholeNumber(1, 1000),
    default: '6',
    reason:
      'Answers that are written for one person or key at the same time: one per browser tab that somebody really reads.',
  }),
  RUN_MAX_PER_ORGANISATION: variable({
    group: 'Limits',
    schema: wholeNumber(1, 100_000),
    default: '50',
    reason: 'The same for one organisation: so many streams of a model are what most providers sell to one customer.',
  }),
  STREAM_MAX_PER_USER: variable({
    group: 'Limits',
    schema: wholeNumber(2, 10_000),
    default: '50',
    reason:
      'Live connections of one person or key to one web process at the same time: a browser needs one for its tabs together and up to four for answers, so that this is ten browsers.',
  }),
  STREAM_MAX_PER_ORGANISATION: variable({
    group: 'Limits',
    schema: wholeNumber(2, 100_000),
    default: '1000',
    reason: 'The same for one organisation: half of what a process has, so that no one of them takes all.',
  }),
  STREAM_MAX_PER_PROCESS: variable({
    group: 'Limits',
    schema: wholeNumber(2, 100_000),
    default: '2000',
    reason: 'The same for everybody. Each costs about 100 kB, and up to 1 MB where its reader is slow.',
  }),
  REQUEST_MAX_PER_PROCESS: variable({
    group: 'Limits',
    schema: wholeNumber(8, 100_000),
    default: '128',
    reason:
      'Calls and pages that one web process works on at the same time; the next one is told 503 and when to come back. Streams, files and uploads do not count. A process answers some 200 a second, so that nobody waits much longer than half a second for those before him.',
  }),
  RATE_LIMIT_PER_MINUTE: variable({
    group: 'Limits',
    schema: wholeNumber(1, 1_000_000),
    default: '60',
    reason:
      'Calls of one person or key, as a token bucket: so many at once, refilled evenly over a minute. A call costs 1; light reads cost less.',
  }),
  RATE_LIMIT_PER_HOUR: variable({
    group: 'Limits',
    schema: wholeNumber(1, 100_000_000),
    default: '1000',
    reason:
      'What one organisation may cost in an hour: a question costs 1, a search that nobody asked before a tenth; what comes from the cache costs nothing.',
  }),
  RATE_LIMIT_IP_PER_MINUTE: variable({
    group: 'Limits',
    schema: wholeNumber(1, 100_000_000),
    default: '3000',
    reason:
      'Calls from one address (an IPv6 /64 counts as one): an office of fifty people at their full rate, behind one address.',
  }),
  WORKSPACE_DELETION_HOURS: variable({
    group: 'Limits',
    schema: wholeNumber(0, 20),
    default: '12',
    reason:
      'Hours for which owners can open a workspace again that they had deleted: from one evening to the next morning. The rest of a day is for deleting what it has.',
  }),
  ...OBSERVABILITY_VARIABLES,
  ...TOOL_VARIABLES,
  ...OLD_VARIABLES,
} as const satisfies Record<string, Variable>

export type VariableName = keyof typeof VARIABLES
