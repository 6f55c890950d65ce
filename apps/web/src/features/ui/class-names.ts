import { cx } from 'class-variance-authority'
import { twMerge } from 'tailwind-merge'

/** Joins class names; of two Tailwind classes for the same property the later one wins. */
export const classNames = (...classes: Parameters<typeof cx>): string => twMerge(cx(...classes))
