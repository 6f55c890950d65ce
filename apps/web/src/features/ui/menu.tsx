'use client'

import { Menu as BaseMenu } from '@base-ui/react/menu'
import { Check } from 'lucide-react'
import type { ComponentProps, ReactElement, ReactNode } from 'react'
import { classNames } from './class-names.ts'

const item =
  'flex w-full cursor-default items-center gap-2.5 rounded-md px-2.5 py-1.5 text-start text-[0.8125rem] text-ink outline-hidden select-none data-highlighted:bg-hover data-disabled:opacity-50'

interface MenuProps {
  trigger: ReactElement
  align?: 'start' | 'center' | 'end'
  side?: 'top' | 'bottom'
  /** Whether the trigger gets the focus afterwards; false where what was chosen has taken it. */
  returnFocus?: () => boolean
  children: ReactNode
}

/** A menu under its trigger; arrow keys, type-ahead and Escape work as in a native menu. */
export const Menu = ({ trigger, align = 'end', side = 'bottom', returnFocus, children }: MenuProps) => (
  <BaseMenu.Root>
    <BaseMenu.Trigger render={trigger} />
    <BaseMenu.Portal>
      <BaseMenu.Positioner align={align} side={side} sideOffset={6} className="z-50 outline-hidden">
        <BaseMenu.Popup
          finalFocus={returnFocus}
          className="max-h-[min(24rem,var(--available-height))] max-w-[min(20rem,calc(100vw-1rem))] min-w-44 origin-[var(--transform-origin)] overflow-y-auto rounded-xl border border-line bg-surface p-1 shadow-float outline-hidden transition-[transform,opacity] duration-100 data-ending-style:opacity-0 data-starting-style:scale-[0.98] data-starting-style:opacity-0"
        >
          {children}
        </BaseMenu.Popup>
      </BaseMenu.Positioner>
    </BaseMenu.Portal>
  </BaseMenu.Root>
)

export const MenuItem = ({ className, ...rest }: ComponentProps<typeof BaseMenu.Item> & { className?: string }) => (
  <BaseMenu.Item className={classNames(item, className)} {...rest} />
)

/** An item that is a link, for what the browser itself should open or save. */
export const MenuLink = ({ className, ...rest }: ComponentProps<typeof BaseMenu.LinkItem> & { className?: string }) => (
  <BaseMenu.LinkItem closeOnClick className={classNames(item, className)} {...rest} />
)

export const MenuSeparator = () => <BaseMenu.Separator className="mx-1 my-1 h-px bg-line" />

export const MenuHeading = ({ children }: { children: ReactNode }) => (
  <div className="px-2.5 pt-1.5 pb-1 text-xs font-medium text-ink-3">{children}</div>
)

/** Several may be on; the menu stays open while they are chosen. */
export const MenuCheckbox = ({
  checked,
  onCheckedChange,
  children,
}: {
  checked: boolean
  onCheckedChange: (checked: boolean) => void
  children: ReactNode
}) => (
  <BaseMenu.CheckboxItem checked={checked} onCheckedChange={onCheckedChange} closeOnClick={false} className={item}>
    <span className="grid size-4 shrink-0 place-items-center">
      <BaseMenu.CheckboxItemIndicator>
        <Check className="size-4 text-accent" aria-hidden />
      </BaseMenu.CheckboxItemIndicator>
    </span>
    <span className="min-w-0 truncate" dir="auto">
      {children}
    </span>
  </BaseMenu.CheckboxItem>
)

interface MenuRadiosProps<T extends string> {
  label: string
  value: T
  onValueChange: (value: T) => void
  options: readonly { value: T; label: string }[]
}

/** One of several. */
export const MenuRadios = <T extends string>({ label, value, onValueChange, options }: MenuRadiosProps<T>) => (
  <BaseMenu.RadioGroup value={value} onValueChange={onValueChange} aria-label={label}>
    {options.map((option) => (
      <BaseMenu.RadioItem key={option.value} value={option.value} closeOnClick={false} className={item}>
        <span className="grid size-4 shrink-0 place-items-center">
          <BaseMenu.RadioItemIndicator>
            <Check className="size-4 text-accent" aria-hidden />
          </BaseMenu.RadioItemIndicator>
        </span>
        {option.label}
      </BaseMenu.RadioItem>
    ))}
  </BaseMenu.RadioGroup>
)
