'use client'

import { CircleCheck, CircleX, RotateCw, X } from 'lucide-react'
import { formatBytes } from '../../i18n/format.ts'
import { t } from '../../i18n/translate.ts'
import { IconButton } from '../ui/button.tsx'
import { Progress } from '../ui/progress.tsx'
import { useUploadQueue } from './upload-provider.tsx'
import { isActive, isProblem, percentSent, type Upload } from './upload-state.ts'

const phaseLabel = ({ phase, sentBytes, sizeBytes }: Upload): string =>
  phase === 'uploading'
    ? t('uploads.state.uploading', { sent: formatBytes(sentBytes), total: formatBytes(sizeBytes) })
    : phase === 'cancelled'
      ? t('uploads.cancelled')
      : t(`uploads.state.${phase}`)

/** One file: its name, how far it is, and what went wrong in words. */
export const UploadRow = ({ upload }: { upload: Upload }) => {
  const queue = useUploadQueue()
  const { key, path, phase, problem } = upload
  const active = isActive(upload)
  const bad = isProblem(upload)
  return (
    <li className="px-3.5 py-2" data-testid="upload-row" data-phase={phase}>
      <div className="flex items-center gap-2">
        {!active && !bad && <CircleCheck className="size-4 shrink-0 text-accent" aria-hidden />}
        {bad && <CircleX className="size-4 shrink-0 text-danger" aria-hidden />}
        <span className="min-w-0 flex-1 truncate text-[0.8125rem]" title={path} dir="auto">
          {path}
        </span>
        <span className="shrink-0 text-xs text-ink-3 tabular-nums">{phaseLabel(upload)}</span>
        {phase === 'failed' && queue.canRetry(key) && (
          <IconButton label={t('uploads.retry', { name: path })} className="size-6" onClick={() => queue.retry(key)}>
            <RotateCw className="size-3.5" aria-hidden />
          </IconButton>
        )}
        {active && phase !== 'completing' && (
          <IconButton label={t('uploads.cancel', { name: path })} className="size-6" onClick={() => queue.cancel(key)}>
            <X className="size-3.5" aria-hidden />
          </IconButton>
        )}
      </div>
      {active && (
        <Progress
          label={t('uploads.progress', { name: path })}
          value={percentSent(upload)}
          className="mt-1.5"
          data-testid="upload-progress"
        />
      )}
      {problem !== null && (
        <p className="mt-0.5 ps-6 text-xs text-ink-2">
          <span className="text-danger">{problem.message}</span> {problem.action}
        </p>
      )}
    </li>
  )
}
