import type { ReactNode } from 'react'
import { classNames } from './class-names.ts'

export interface Column {
  readonly key: string
  readonly label: string
  /** For example where a narrow screen leaves it out. */
  readonly className?: string
  /** Named for assistive technology alone. */
  readonly quiet?: boolean
}

/** A table with a name and named columns. */
export const Table = ({
  caption,
  columns,
  children,
}: {
  caption: string
  columns: readonly Column[]
  children: ReactNode
}) => (
  <table className="w-full border-b border-line text-[0.8125rem]">
    <caption className="sr-only">{caption}</caption>
    <thead className="text-xs text-ink-3">
      <tr>
        {columns.map(({ key, label, className, quiet }) => (
          <th key={key} scope="col" className={classNames('pe-4 pb-2 text-start font-medium', className)}>
            {quiet === true ? <span className="sr-only">{label}</span> : label}
          </th>
        ))}
      </tr>
    </thead>
    <tbody>{children}</tbody>
  </table>
)

export const cellStyle = 'py-3 pe-4 text-ink-2'
export const rowStyle = 'border-t border-line align-top'

/** A name with what tells it apart under it. */
export const NameCell = ({ name, note, badge }: { name: string; note?: string | null; badge?: ReactNode }) => (
  <td className="min-w-0 py-3 pe-4">
    <p className="flex flex-wrap items-center gap-x-2 font-medium [overflow-wrap:anywhere]" dir="auto">
      {name}
      {badge}
    </p>
    {note !== undefined && note !== null && <p className="text-xs text-ink-3 [overflow-wrap:anywhere]">{note}</p>}
  </td>
)
