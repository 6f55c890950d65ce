import type { MediaType } from '@quarry/contracts'
import {
  BookOpen,
  File,
  FileCode,
  FileImage,
  FileSpreadsheet,
  FileText,
  FileType,
  Globe,
  type LucideIcon,
  Mail,
  NotebookText,
  Presentation,
} from 'lucide-react'
import { classNames } from '../ui/class-names.ts'

const ICONS: Record<MediaType, LucideIcon> = {
  'application/pdf': FileText,
  'text/markdown': NotebookText,
  'text/plain': File,
  'text/html': Globe,
  'text/csv': FileSpreadsheet,
  'text/x-source-code': FileCode,
  'application/vnd.openxmlformats-officedocument.wordprocessingml.document': FileType,
  'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet': FileSpreadsheet,
  'application/vnd.openxmlformats-officedocument.presentationml.presentation': Presentation,
  'application/epub+zip': BookOpen,
  'application/vnd.oasis.opendocument.text': FileType,
  'application/rtf': FileType,
  'message/rfc822': Mail,
  'image/png': FileImage,
  'image/jpeg': FileImage,
  'image/webp': FileImage,
}

/** What kind of file it is, at a glance; what is not known yet is a file. */
export const TypeIcon = ({ mediaType, className }: { mediaType: MediaType | null; className?: string }) => {
  const Icon = mediaType === null ? File : ICONS[mediaType]
  return <Icon className={classNames('size-4 shrink-0 text-ink-3', className)} aria-hidden />
}
