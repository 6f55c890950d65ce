import type { ComponentProps, ReactNode } from 'react'
import { useId } from 'react'
import { classNames } from './class-names.ts'

const control =
  'w-full rounded-lg border border-control bg-surface px-3 text-ink placeholder:text-ink-3 focus-visible:border-accent focus-visible:outline-1 focus-visible:outline-offset-0 aria-invalid:border-danger'

export interface FieldProps {
  label: string
  hint?: string | undefined
  error?: string | undefined
  /** What comes after the control inside its box, for example a button that shows the password. */
  trailing?: ReactNode
}

const Frame = ({ id, label, hint, error, trailing, children }: FieldProps & { id: string; children: ReactNode }) => (
  <div className="grid gap-1.5">
    <label htmlFor={id} className="text-[0.8125rem] font-medium text-ink">
      {label}
    </label>
    <div className="relative">
      {children}
      {trailing !== undefined && <div className="absolute inset-y-0 end-1 flex items-center">{trailing}</div>}
    </div>
    {error === undefined ? (
      hint !== undefined && (
        <p id={`${id}-note`} className="text-xs text-ink-3">
          {hint}
        </p>
      )
    ) : (
      <p id={`${id}-note`} className="text-xs text-danger">
        {error}
      </p>
    )}
  </div>
)

const described = (id: string, { hint, error }: FieldProps) => ({
  id,
  'aria-invalid': error !== undefined || undefined,
  'aria-describedby': hint === undefined && error === undefined ? undefined : `${id}-note`,
})

/** A labelled input with a hint or an error under it, tied to it for assistive technology. */
export const TextField = ({
  label,
  hint,
  error,
  trailing,
  className,
  ...rest
}: FieldProps & ComponentProps<'input'>) => {
  const id = useId()
  const frame = { label, hint, error, trailing }
  return (
    <Frame id={id} {...frame}>
      <input
        className={classNames(control, 'h-10', trailing !== undefined && 'pe-10', className)}
        {...described(id, frame)}
        {...rest}
      />
    </Frame>
  )
}

/** A labelled native select: it works with every keyboard, screen reader and phone as people know it. */
export const SelectField = ({
  label,
  hint,
  error,
  className,
  children,
  ...rest
}: FieldProps & ComponentProps<'select'>) => {
  const id = useId()
  const frame = { label, hint, error }
  return (
    <Frame id={id} {...frame}>
      <select className={classNames(control, 'h-10 pe-8', className)} {...described(id, frame)} {...rest}>
        {children}
      </select>
    </Frame>
  )
}

/** A select without a visible label, for filter bars. */
export const FilterSelect = ({ label, className, ...rest }: { label: string } & ComponentProps<'select'>) => (
  <select
    aria-label={label}
    className={classNames(
      'h-9 max-w-full min-w-0 rounded-lg border border-line-strong bg-surface ps-2.5 pe-7 text-[0.8125rem] text-ink hover:bg-hover',
      className,
    )}
    {...rest}
  />
)
