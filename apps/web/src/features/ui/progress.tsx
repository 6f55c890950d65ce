import { classNames } from './class-names.ts'

interface ProgressProps {
  label: string
  /** 0–100. */
  value: number
  className?: string
}

/** A progress bar. Only its transform changes, so that a hundred of them cost no layout. */
export const Progress = ({ label, value, className, ...rest }: ProgressProps) => (
  <div
    role="progressbar"
    aria-label={label}
    aria-valuemin={0}
    aria-valuemax={100}
    aria-valuenow={Math.round(value)}
    className={classNames('h-1 w-full overflow-hidden rounded-full bg-hover', className)}
    {...rest}
  >
    <div
      className="h-full origin-left rounded-full bg-accent transition-transform duration-200 rtl:origin-right"
      style={{ transform: `scaleX(${Math.min(1, Math.max(0, value / 100))})` }}
    />
  </div>
)
