'use client'

import { t } from '../../i18n/translate.ts'
import { Button } from './button.tsx'
import { CopyButton } from './copy-button.tsx'

/** What had the focus is gone with the form. */
const focus = (input: HTMLInputElement | null) => input?.focus()

interface ShownOnceProps {
  /** What it is, for assistive technology. */
  label: string
  value: string
  testId: string
  doneLabel: string
  onDone: () => void
}

/** A secret that is shown this one time, to be copied: the key of a program, the link of an invitation. */
export const ShownOnce = ({ label, value, testId, doneLabel, onDone }: ShownOnceProps) => (
  <div className="grid gap-4">
    <input
      ref={focus}
      readOnly
      aria-label={label}
      data-testid={testId}
      value={value}
      onFocus={(event) => event.target.select()}
      className="h-10 w-full rounded-lg border border-control bg-sunken px-3 font-mono text-[0.8125rem]"
    />
    <div className="flex justify-end gap-2">
      <CopyButton labelled text={value} label={t('common.copy')} />
      <Button look="primary" onClick={onDone}>
        {doneLabel}
      </Button>
    </div>
  </div>
)
