import { t } from '../../i18n/translate.ts'

/** A block cut out of a quarry, with one layer marked. */
export const BrandMark = ({ className }: { className?: string }) => (
  <svg viewBox="0 0 24 24" className={className} aria-hidden fill="none">
    <path d="M4 8.5 12 4l8 4.5v7L12 20l-8-4.5z" className="fill-accent" />
    <path d="M4 8.5 12 13l8-4.5M12 13v7" stroke="var(--color-on-accent)" strokeWidth="1.4" strokeLinejoin="round" />
    <path d="m4 12 8 4.5 8-4.5" stroke="var(--color-mark)" strokeWidth="1.6" strokeLinejoin="round" />
  </svg>
)

export const Brand = () => (
  <span className="flex items-center gap-2 text-[0.9375rem] font-semibold tracking-tight">
    <BrandMark className="size-6" />
    {t('app.name')}
  </span>
)
