import type { AuditAction, AuditEvent } from '@quarry/contracts'
import { t } from '../../i18n/translate.ts'
import { audit } from '../../i18n/messages/en/audit.ts'

type ActionKey = `audit.action.${AuditAction}`
/** An entry of an older or newer version may have no words here. */
const isKnown = (key: string): key is ActionKey => Object.hasOwn(audit, key)

/** A key, or somebody, that is gone still did it. */
export const actorName = ({ actor }: AuditEvent): string => {
  if (actor.kind === 'system') return t('audit.system')
  if (actor.name === null) return actor.kind === 'user' ? t('audit.gone') : t('audit.goneKey')
  return actor.kind === 'user' ? actor.name : `${actor.name} (${t('audit.key')})`
}

/** "removed Ada": an action without words of ours is shown by its own name. */
export const actionText = ({ action, actor, subject }: AuditEvent): string => {
  const key = `audit.action.${action}`
  const verb = isKnown(key) ? t(key) : action
  const itself = subject.id === actor.id || subject.kind === 'organisation' || subject.kind === 'conversation'
  return itself || subject.name === null ? verb : `${verb} ${subject.name}`
}

/** The recorded details as "name: value", objects by their names, changes as "from → to". */
export const detailsText = (details: Record<string, unknown>): string =>
  Object.entries(details)
    .map(([name, value]) => `${name}: ${valueText(value)}`)
    .join(', ')

const valueText = (value: unknown): string => {
  if (typeof value !== 'object' || value === null) return String(value)
  if ('from' in value && 'to' in value) return `${String(value.from)} → ${String(value.to)}`
  if ('name' in value && typeof value.name === 'string') return value.name
  return JSON.stringify(value)
}
