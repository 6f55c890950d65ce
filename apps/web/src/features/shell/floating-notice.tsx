import type { LucideIcon } from 'lucide-react'
import type { ReactNode } from 'react'
import { classNames } from '../ui/class-names.ts'

interface FloatingNoticeProps {
  testId: string
  icon: LucideIcon
  /** How far above the lower edge, in a class of its own: two of them at a time are both read. */
  above: string
  /** False: nothing is shown, and what comes later is told to a screen reader, too. */
  children: ReactNode
}

/** A line over the page that asks nothing and covers nothing that can be clicked. */
export const FloatingNotice = ({ testId, icon: Icon, above, children }: FloatingNoticeProps) => (
  <div
    role="status"
    data-testid={testId}
    className={classNames('pointer-events-none fixed inset-x-0 z-60 flex justify-center px-4 md:ps-68', above)}
  >
    {children !== false && (
      <p className="pointer-events-auto flex animate-appear items-center gap-2.5 rounded-xl border border-line bg-surface px-3.5 py-2.5 text-[0.8125rem] shadow-float">
        <Icon className="size-4 shrink-0 text-ink-3" aria-hidden />
        {children}
      </p>
    )}
  </div>
)
