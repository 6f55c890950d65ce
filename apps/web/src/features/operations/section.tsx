'use client'

import { type ReactNode, useId } from 'react'
import { problemOf } from '../../trpc/api-error.ts'
import { Problem } from '../ui/problem.tsx'
import { Skeleton } from '../ui/skeleton.tsx'

interface SectionProps<T> {
  title: string
  query: { data: T | undefined; error: unknown; refetch: () => unknown }
  /** What is chosen for it, beside the title. */
  actions?: ReactNode
  children: (data: T) => ReactNode
}

/** What a query shows until it has been answered, and where it was not. */
export const Answered = <T,>({
  query: { data, error, refetch },
  children,
}: Pick<SectionProps<T>, 'query' | 'children'>) => (
  <>
    {data !== undefined && children(data)}
    {data === undefined && error === null && (
      <div aria-busy="true">
        <Skeleton className="h-24" />
      </div>
    )}
    {data === undefined && error !== null && <Problem problem={problemOf(error)} onRetry={() => void refetch()} />}
  </>
)

/** A part of the page with its title, of one query. */
export const Section = <T,>({ title, query, actions, children }: SectionProps<T>) => {
  const id = useId()
  return (
    <section aria-labelledby={id} className="mt-10">
      <div className="mb-3 flex flex-wrap items-center justify-between gap-2">
        <h2 id={id} className="text-base font-semibold">
          {title}
        </h2>
        {actions}
      </div>
      <Answered query={query}>{children}</Answered>
    </section>
  )
}
