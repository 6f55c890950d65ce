'use client'

import { Toast } from '@base-ui/react/toast'
import { X } from 'lucide-react'
import type { ReactNode } from 'react'
import { t } from '../../i18n/translate.ts'
import { againOf } from '../../trpc/again.ts'
import { problemOf } from '../../trpc/api-error.ts'
import { buttonStyle } from './button.tsx'

const manager = Toast.createToastManager()

export interface Notice {
  title: string
  description?: string | undefined
  tone?: 'calm' | 'danger'
  /** Something that can be done about it, as long as it stands there. */
  action?: { label: string; onClick: () => void } | undefined
  /** How long it stays, ms. It stays longer while it is pointed at or has the focus. */
  timeout?: number | undefined
}

/** A problem has more to read. */
const TIMEOUT_MS = { calm: 4000, danger: 9000 }

/** Shows a short notice in a corner; a problem is announced at once and stays longer, since it has more to read. */
export const notify = ({ title, description, tone = 'calm', action, timeout }: Notice): void => {
  const id = manager.add({
    title,
    description,
    type: tone,
    priority: tone === 'danger' ? 'high' : 'low',
    timeout: timeout ?? TIMEOUT_MS[tone],
    ...(action === undefined
      ? {}
      : {
          actionProps: {
            children: action.label,
            onClick: () => {
              manager.close(id)
              action.onClick()
            },
          },
        }),
  })
}

/** Says why something that was asked for did not happen, and offers it again where a limit refused it. */
export const notifyProblem = (error: unknown): void => {
  const { message, action } = problemOf(error)
  const again = againOf(error)
  notify({
    title: message,
    description: action,
    tone: 'danger',
    ...(again && { action: { label: t('common.retry'), onClick: () => void again() } }),
  })
}

const Toasts = () => {
  const { toasts } = Toast.useToastManager()
  return toasts.map((toast) => (
    <Toast.Root
      key={toast.id}
      toast={toast}
      className="animate-appear rounded-xl border border-line bg-surface p-3 shadow-float data-[type=danger]:border-danger/40"
    >
      <Toast.Content className="flex items-start gap-3">
        <div className="min-w-0 flex-1 [overflow-wrap:anywhere]" dir="auto">
          <Toast.Title className="text-sm font-medium" />
          <Toast.Description className="mt-0.5 text-[0.8125rem] text-ink-2" />
        </div>
        {toast.actionProps !== undefined && (
          <Toast.Action className={buttonStyle({ look: 'secondary', size: 'small', className: '-my-1.5' })} />
        )}
        <Toast.Close
          className={buttonStyle({ look: 'ghost', size: 'icon', className: '-m-1 size-7' })}
          aria-label={t('common.dismiss')}
        >
          <X className="size-4" aria-hidden />
        </Toast.Close>
      </Toast.Content>
    </Toast.Root>
  ))
}

export const ToastProvider = ({ children }: { children: ReactNode }) => (
  <Toast.Provider toastManager={manager} limit={3}>
    {children}
    <Toast.Portal>
      <Toast.Viewport
        aria-label={t('toast.region')}
        className="fixed inset-x-0 top-4 z-60 mx-auto flex w-80 max-w-[calc(100vw-2rem)] flex-col gap-2 outline-hidden"
      >
        <Toasts />
      </Toast.Viewport>
    </Toast.Portal>
  </Toast.Provider>
)
