import { X } from 'lucide-react'
import { Button } from '../ui/button.tsx'

/** A filter that only an address or a row sets; here it can be taken off. */
export const ChosenFilter = ({ text, label, onClear }: { text: string; label: string; onClear: () => void }) => (
  <Button
    size="small"
    className="max-w-full min-w-0 border-accent bg-accent-soft"
    aria-label={`${text}. ${label}`}
    onClick={onClear}
  >
    <span className="truncate">{text}</span>
    <X className="size-3.5 shrink-0" aria-hidden />
  </Button>
)
