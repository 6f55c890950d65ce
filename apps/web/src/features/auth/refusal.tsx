import { CircleAlert } from 'lucide-react'

/** Why the form was refused. The region is always there, so that its text is announced when it comes. */
export const Refusal = ({ text }: { text: string | undefined }) => (
  <div role="alert">
    {text !== undefined && (
      <p className="flex items-start gap-2 rounded-lg bg-danger-soft px-3 py-2 text-danger">
        <CircleAlert className="mt-0.5 size-4 shrink-0" aria-hidden />
        {text}
      </p>
    )}
  </div>
)
