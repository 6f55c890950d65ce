'use client'

import { t } from '../../i18n/translate.ts'
import { Button } from '../ui/button.tsx'
import { CopyButton } from '../ui/copy-button.tsx'

/** What had the focus is gone with the form. */
const focus = (input: HTMLInputElement | null) => input?.focus()

/** The link of an invitation, to be copied. */
export const InvitationLink = ({ email, link, onDone }: { email: string; link: string; onDone: () => void }) => (
  <div className="grid gap-4">
    <input
      ref={focus}
      readOnly
      aria-label={t('people.link.label', { email })}
      data-testid="invitation-link"
      value={link}
      onFocus={(event) => event.target.select()}
      className="h-10 w-full rounded-lg border border-control bg-sunken px-3 font-mono text-[0.8125rem]"
    />
    <div className="flex justify-end gap-2">
      <CopyButton labelled text={link} label={t('common.copy')} />
      <Button look="primary" onClick={onDone}>
        {t('people.link.done')}
      </Button>
    </div>
  </div>
)
