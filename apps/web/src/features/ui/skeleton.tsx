import { classNames } from './class-names.ts'

/** The grey shape of something that is on its way, in its final size, so that nothing jumps. */
export const Skeleton = ({ className }: { className?: string }) => (
  <div aria-hidden className={classNames('animate-breathe rounded-md bg-hover', className)} />
)
