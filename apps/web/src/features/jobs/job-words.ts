import { FAILURES, JOB_KINDS, type JobItem, type JobKind, versionStage } from '@quarry/contracts'
import { t } from '../../i18n/translate.ts'

export const kindName = (kind: JobKind): string => JOB_KINDS[kind]

/** What a job is called: by its document; for who may not see that, and where it is gone, by what is done. */
export const jobName = ({
  document,
  kind,
  organisation,
}: Pick<JobItem, 'document' | 'kind' | 'organisation'>): string => {
  if (document !== null) return document.path
  return organisation === null ? t('jobs.gone') : kindName(kind)
}

/** A stage in words; one of an older or newer worker by its own name. */
export const stageName = (stage: string): string => {
  const known = versionStage.safeParse(stage)
  return known.success ? t(`documents.stage.${known.data}`) : stage
}

const isFailure = (name: string): name is keyof typeof FAILURES => Object.hasOwn(FAILURES, name)

/** What a class of error means, where there are words for it. */
export const reasonText = (errorClass: string): string | null =>
  isFailure(errorClass) ? FAILURES[errorClass].message : null

const PRIORITIES = { first: -5, usual: 0, last: 5 } as const
export type PriorityName = keyof typeof PRIORITIES
/** What people choose from; any other number is one that a program has set. */
export const PRIORITY_CHOICES = Object.keys(PRIORITIES) as PriorityName[]
export const priorityOf = (name: PriorityName): number => PRIORITIES[name]

export const priorityName = (priority: number): string => {
  const name = PRIORITY_CHOICES.find((choice) => PRIORITIES[choice] === priority)
  return name === undefined ? t('jobs.priority.other', { priority }) : t(`jobs.priority.${name}`)
}
