import { FileText } from 'lucide-react'
import type { ReactNode } from 'react'

interface ViewerHeaderProps {
  name: string
  path?: string | undefined
  level: 1 | 2
  actions: ReactNode
}

export const ViewerHeader = ({ name, path, level, actions }: ViewerHeaderProps) => {
  const Heading = level === 1 ? 'h1' : 'h2'
  return (
    <header className="flex h-13 shrink-0 items-center gap-2 border-b border-line ps-4 pe-2">
      <FileText className="size-4 shrink-0 text-ink-3" aria-hidden />
      <div className="min-w-0 flex-1 leading-tight" dir="auto">
        <Heading className="truncate text-sm font-semibold">{name}</Heading>
        {path !== undefined && path !== name && <p className="truncate text-xs text-ink-3">{path}</p>}
      </div>
      {actions}
    </header>
  )
}
