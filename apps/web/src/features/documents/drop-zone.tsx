'use client'

import { FolderInput } from 'lucide-react'
import { type DragEvent, type ReactNode, useRef, useState } from 'react'
import { t } from '../../i18n/translate.ts'
import { droppedFiles, type PathedFile } from '../uploads/dropped-files.ts'

interface DropZoneProps {
  /** Where the files will go; null: nothing may be dropped here. */
  target: string | null
  onFiles: (files: readonly PathedFile[]) => void
  children: ReactNode
}

const carriesFiles = (event: DragEvent) => event.dataTransfer.types.includes('Files')

/** Takes files dropped anywhere on the page, folders included. */
export const DropZone = ({ target, onFiles, children }: DropZoneProps) => {
  // Entering a child fires "enter" before the parent's "leave": only the count tells whether one is still inside.
  const depth = useRef(0)
  const [over, setOver] = useState(false)
  const move = (event: DragEvent, step: 1 | -1) => {
    if (target === null || !carriesFiles(event)) return
    event.preventDefault()
    depth.current += step
    setOver(depth.current > 0)
  }
  const onDrop = (event: DragEvent) => {
    depth.current = 0
    setOver(false)
    if (target === null || !carriesFiles(event)) return
    event.preventDefault()
    void droppedFiles(event.dataTransfer).then(onFiles)
  }
  return (
    <div
      data-testid="drop-zone"
      className="relative h-full"
      onDragEnter={(event) => move(event, 1)}
      onDragLeave={(event) => move(event, -1)}
      onDragOver={(event) => target !== null && carriesFiles(event) && event.preventDefault()}
      onDrop={onDrop}
    >
      {children}
      {over && (
        <div className="pointer-events-none absolute inset-2 z-20 grid animate-appear place-items-center rounded-2xl border-2 border-dashed border-accent bg-accent-soft/90">
          <p
            className="flex flex-col items-center gap-3 px-6 text-center text-base font-medium text-accent"
            role="status"
          >
            <FolderInput className="size-8" aria-hidden />
            {t('documents.drop', { collection: target ?? '' })}
          </p>
        </div>
      )}
    </div>
  )
}
