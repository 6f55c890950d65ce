import type { MediaType } from '@quarry/contracts'
import type { ReactNode } from 'react'
import { TypeIcon } from '../documents/type-icon.tsx'

interface ViewerHeaderProps {
  name: string
  path?: string | undefined
  mediaType?: MediaType | null | undefined
  level: 1 | 2
  actions: ReactNode
}

export const ViewerHeader = ({ name, path, mediaType = null, level, actions }: ViewerHeaderProps) => {
  const Heading = level === 1 ? 'h1' : 'h2'
  return (
    <header className="flex h-13 shrink-0 items-center gap-2 border-b border-line ps-4 pe-2">
      <TypeIcon mediaType={mediaType} />
      <div className="min-w-0 flex-1 leading-tight" dir="auto">
        <Heading className="truncate text-sm font-semibold">{name}</Heading>
        {path !== undefined && path !== name && <p className="truncate text-xs text-ink-3">{path}</p>}
      </div>
      {actions}
    </header>
  )
}
