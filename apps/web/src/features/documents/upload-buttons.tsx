'use client'

import { acceptedExtensions } from '@quarry/contracts'
import { FolderUp, Upload } from 'lucide-react'
import { type ChangeEvent, useRef } from 'react'
import { t } from '../../i18n/translate.ts'
import { type PathedFile, pickedFiles } from '../uploads/dropped-files.ts'
import { Button } from '../ui/button.tsx'

/** What the picker offers first; the server decides by content. */
const ACCEPT = acceptedExtensions()

export const UploadButtons = ({ onFiles }: { onFiles: (files: readonly PathedFile[]) => void }) => {
  const files = useRef<HTMLInputElement>(null)
  const folder = useRef<HTMLInputElement>(null)
  const onChange = (event: ChangeEvent<HTMLInputElement>) => {
    const { files: picked } = event.target
    if (picked !== null) onFiles(pickedFiles(picked))
    event.target.value = '' // the same file can be chosen again
  }
  return (
    <>
      <input
        ref={files}
        type="file"
        multiple
        accept={ACCEPT}
        onChange={onChange}
        className="hidden"
        data-testid="file-input"
        aria-label={t('documents.upload')}
      />
      <input
        ref={folder}
        type="file"
        {...{ webkitdirectory: '' }}
        onChange={onChange}
        className="hidden"
        aria-label={t('documents.uploadFolder')}
      />
      {/* Phones have no folders to pick. */}
      <Button onClick={() => folder.current?.click()} className="hidden sm:inline-flex">
        <FolderUp className="size-4" aria-hidden />
        {t('documents.uploadFolder')}
      </Button>
      <Button look="primary" onClick={() => files.current?.click()}>
        <Upload className="size-4" aria-hidden />
        {t('documents.upload')}
      </Button>
    </>
  )
}
