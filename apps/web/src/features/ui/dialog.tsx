'use client'

import { AlertDialog } from '@base-ui/react/alert-dialog'
import { Dialog as BaseDialog } from '@base-ui/react/dialog'
import { X } from 'lucide-react'
import { type MouseEvent, type ReactNode, type RefObject, useRef, useState } from 'react'
import { t } from '../../i18n/translate.ts'
import { Button, buttonStyle } from './button.tsx'

const backdrop =
  'fixed inset-0 z-40 bg-black/35 transition-opacity duration-150 data-ending-style:opacity-0 data-starting-style:opacity-0'
const popup =
  'fixed top-1/2 left-1/2 z-50 max-h-[calc(100dvh-2rem)] w-[27rem] max-w-[calc(100vw-2rem)] -translate-x-1/2 -translate-y-1/2 overflow-y-auto rounded-2xl border border-line bg-surface p-5 shadow-float transition-[transform,opacity] duration-150 data-ending-style:scale-[0.98] data-ending-style:opacity-0 data-starting-style:scale-[0.98] data-starting-style:opacity-0'

interface DialogProps {
  open: boolean
  onOpenChange: (open: boolean) => void
  title: string
  description?: string | undefined
  /** What it shows may go only when it is out of sight. */
  onClosed?: () => void
  /** What gets the focus afterwards, where it is not what had it before. */
  finalFocus?: RefObject<HTMLElement | null> | undefined
  /** A click beside it does not close it: what it shows cannot be had again. */
  firm?: boolean
  children: ReactNode
}

/** A modal dialog: focus goes in, stays in, and returns to where it was. */
export const Dialog = ({
  open,
  onOpenChange,
  title,
  description,
  onClosed,
  finalFocus,
  firm = false,
  children,
}: DialogProps) => (
  <BaseDialog.Root
    open={open}
    onOpenChange={onOpenChange}
    onOpenChangeComplete={(opened) => !opened && onClosed?.()}
    disablePointerDismissal={firm}
  >
    <BaseDialog.Portal>
      <BaseDialog.Backdrop className={backdrop} />
      <BaseDialog.Popup className={popup} finalFocus={finalFocus}>
        <BaseDialog.Title className="pe-8 text-base font-semibold [overflow-wrap:anywhere]">{title}</BaseDialog.Title>
        {description !== undefined && (
          <BaseDialog.Description className="mt-1 text-ink-2">{description}</BaseDialog.Description>
        )}
        <div className="mt-4">{children}</div>
        {/* Last, so that the focus starts in the content. */}
        <BaseDialog.Close
          className={buttonStyle({ look: 'ghost', size: 'icon', className: 'absolute end-3 top-3.5' })}
          aria-label={t('common.close')}
        >
          <X className="size-4" aria-hidden />
        </BaseDialog.Close>
      </BaseDialog.Popup>
    </BaseDialog.Portal>
  </BaseDialog.Root>
)

/** The usual time of a double click: it confirms once, and the button is disabled only a moment later. */
const DOUBLE_CLICK_MS = 500

interface ConfirmProps {
  open: boolean
  onOpenChange: (open: boolean) => void
  title: string
  body: string
  confirmLabel: string
  busy?: boolean
  onConfirm: () => void
}

/** Asks before something that cannot be undone. */
export const ConfirmDialog = ({
  open,
  onOpenChange,
  title,
  body,
  confirmLabel,
  busy = false,
  onConfirm,
}: ConfirmProps) => {
  // What is asked about may be forgotten with the answer; it stays while the dialog fades.
  const [asked, setAsked] = useState(body)
  if (open && asked !== body) setAsked(body)
  const confirmedAt = useRef(-DOUBLE_CLICK_MS)
  const confirm = ({ timeStamp }: MouseEvent) => {
    if (timeStamp - confirmedAt.current < DOUBLE_CLICK_MS) return
    confirmedAt.current = timeStamp
    onConfirm()
  }
  return (
    <AlertDialog.Root open={open} onOpenChange={onOpenChange}>
      <AlertDialog.Portal>
        <AlertDialog.Backdrop className={backdrop} />
        <AlertDialog.Popup className={popup}>
          <AlertDialog.Title className="text-base font-semibold [overflow-wrap:anywhere]">{title}</AlertDialog.Title>
          <AlertDialog.Description className="mt-1.5 text-ink-2 [overflow-wrap:anywhere]" dir="auto">
            {asked}
          </AlertDialog.Description>
          <div className="mt-5 flex justify-end gap-2">
            <AlertDialog.Close className={buttonStyle({ look: 'secondary' })}>{t('common.cancel')}</AlertDialog.Close>
            <Button look="danger" busy={busy} onClick={confirm}>
              {confirmLabel}
            </Button>
          </div>
        </AlertDialog.Popup>
      </AlertDialog.Portal>
    </AlertDialog.Root>
  )
}
