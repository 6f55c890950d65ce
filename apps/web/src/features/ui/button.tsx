import { cva, type VariantProps } from 'class-variance-authority'
import type { ComponentProps } from 'react'
import { classNames } from './class-names.ts'

export const buttonStyle = cva(
  'inline-flex shrink-0 items-center justify-center gap-2 rounded-lg font-medium whitespace-nowrap transition-colors select-none disabled:opacity-50 aria-disabled:opacity-50',
  {
    variants: {
      look: {
        primary: 'bg-accent text-on-accent enabled:hover:bg-accent-hover',
        secondary: 'border border-line-strong bg-surface text-ink enabled:hover:bg-hover',
        ghost: 'text-ink-2 enabled:hover:bg-hover enabled:hover:text-ink',
        danger: 'bg-danger text-on-danger enabled:hover:opacity-90',
      },
      size: {
        small: 'h-8 px-2.5 text-[0.8125rem]',
        medium: 'h-9 px-3.5 text-sm',
        large: 'h-11 px-4 text-[0.9375rem]',
        icon: 'size-8',
      },
    },
    defaultVariants: { look: 'secondary', size: 'medium' },
  },
)

type ButtonProps = ComponentProps<'button'> & VariantProps<typeof buttonStyle> & { busy?: boolean }

/** A button; `busy` disables it, keeps its width and tells assistive technology. */
export const Button = ({ look, size, busy = false, className, type = 'button', disabled, ...rest }: ButtonProps) => (
  <button
    type={type}
    className={classNames(buttonStyle({ look, size }), busy && 'animate-breathe', className)}
    disabled={disabled === true || busy}
    aria-busy={busy || undefined}
    {...rest}
  />
)

/** A button that shows only a picture; `label` is its name. */
export const IconButton = ({ label, size = 'icon', look = 'ghost', ...rest }: ButtonProps & { label: string }) => (
  <Button aria-label={label} title={label} size={size} look={look} {...rest} />
)
