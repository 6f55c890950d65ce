import { ignored } from './variable.ts'

/** Of the platform before this one, and without meaning now. */
export const OLD_VARIABLES = {
  BACKEND_WORKERS: ignored('a web replica is one process; run more of them behind a load balancer'),
  CELERY_BROKER_URL: ignored('jobs are rows in Postgres'),
  CELERY_RESULT_BACKEND: ignored('job history is the table job_run'),
} as const
