import type { ReactNode } from 'react'

interface EmptyStateProps {
  icon: ReactNode
  title: string
  body: string
  children?: ReactNode
  /** The heading is a page's own `h1`, or stands inside a page that has one. */
  level?: 1 | 2
}

/** What stands where nothing is yet: says so, and what to do. */
export const EmptyState = ({ icon, title, body, children, level = 2 }: EmptyStateProps) => {
  const Heading = level === 1 ? 'h1' : 'h2'
  return (
    <div className="mx-auto flex max-w-md flex-col items-center px-6 py-14 text-center">
      <div className="mb-4 grid size-11 place-items-center rounded-xl bg-sunken text-ink-2 [&_svg]:size-5" aria-hidden>
        {icon}
      </div>
      <Heading className="text-base font-semibold">{title}</Heading>
      <p className="mt-1.5 text-ink-2">{body}</p>
      {children !== undefined && <div className="mt-5 flex flex-wrap justify-center gap-2">{children}</div>}
    </div>
  )
}
