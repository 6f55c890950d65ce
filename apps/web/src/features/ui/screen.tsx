import type { ReactNode } from 'react'

interface ScreenProps {
  title: string
  lead: string
  /** What one does here, beside the title. */
  actions?: ReactNode
  children: ReactNode
}

/** A page of lists: its title, what it is for, and the lists under it. */
export const Screen = ({ title, lead, actions, children }: ScreenProps) => (
  <div className="h-full overflow-y-auto scrollbar-quiet">
    <div className="mx-auto max-w-5xl px-4 pt-6 pb-28 sm:px-6">
      <header className="mb-6 flex flex-wrap items-end justify-between gap-4">
        <div className="min-w-0 max-w-xl">
          <h1 className="text-xl font-semibold tracking-tight [overflow-wrap:anywhere]" dir="auto">
            {title}
          </h1>
          <p className="mt-0.5 text-ink-2 [overflow-wrap:anywhere]">{lead}</p>
        </div>
        {actions !== undefined && <div className="flex flex-wrap items-center gap-2">{actions}</div>}
      </header>
      {children}
    </div>
  </div>
)
