import type { Version } from '@quarry/contracts'
import { CircleAlert, CircleCheck, Clock, LoaderCircle, TriangleAlert, Upload } from 'lucide-react'
import { t } from '../../i18n/translate.ts'
import { Badge } from '../ui/badge.tsx'
import { Progress } from '../ui/progress.tsx'

const ICONS = {
  uploading: <Upload aria-hidden />,
  uploaded: <Clock aria-hidden />,
  parsing: <LoaderCircle className="animate-spin" aria-hidden />,
  searchable: <CircleCheck aria-hidden />,
  failed: <CircleAlert aria-hidden />,
}

const TONES = {
  uploading: 'neutral',
  uploaded: 'neutral',
  parsing: 'neutral',
  searchable: 'good',
  failed: 'danger',
} as const

interface StateBadgeProps {
  version: Version
  name: string
  /** What is known of its place in the line and of the time that it takes. */
  place?: string | null | undefined
}

/** Where a version stands; while it is worked on, at which stage and how far. The bar takes no room: no row jumps. */
export const StateBadge = ({ version, name, place }: StateBadgeProps) => {
  const { state, stage, progress, semantic, warnings } = version
  const working = state === 'uploaded' || state === 'parsing'
  return (
    <div className="relative inline-block min-w-36" data-state={state}>
      <span
        className="flex flex-wrap gap-1.5"
        title={state === 'searchable' && semantic === 100 ? t('documents.semanticDone') : undefined}
      >
        <Badge tone={TONES[state]}>
          {ICONS[state]}
          {working && stage !== null ? t(`documents.stage.${stage}`) : t(`documents.state.${state}`)}
          {state === 'parsing' && <span className="tabular-nums">{t('common.percent', { value: progress })}</span>}
        </Badge>
        {state === 'searchable' && warnings.length > 0 && (
          <Badge tone="warn">
            <TriangleAlert aria-hidden />
            {t('documents.warnings', { count: warnings.length })}
          </Badge>
        )}
      </span>
      {state === 'searchable' && semantic !== null && semantic < 100 && (
        <p className="mt-1 text-xs text-ink-3 tabular-nums" title={t('documents.semanticHint')}>
          {t('documents.semantic', { percent: semantic })}
        </p>
      )}
      {working && place !== null && place !== undefined && (
        <p className="mt-1 max-w-52 text-xs text-ink-3" data-testid="document-place">
          {place}
        </p>
      )}
      {working && (
        <Progress
          label={t('documents.progress', { name })}
          value={progress}
          className="absolute start-0 -bottom-1.5 w-36"
        />
      )}
    </div>
  )
}
