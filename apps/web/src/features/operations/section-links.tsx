'use client'

import Link from 'next/link'
import { t } from '../../i18n/translate.ts'
import { classNames } from '../ui/class-names.ts'

const SECTIONS = [
  { href: '/operations', label: t('operations.section.overview') },
  { href: '/operations/jobs', label: t('operations.section.jobs') },
]

/** From one part of operations to the other. */
export const SectionLinks = ({ current }: { current: string }) => (
  <nav aria-label={t('operations.sections')} className="mb-6 flex gap-1 border-b border-line">
    {SECTIONS.map(({ href, label }) => (
      <Link
        key={href}
        href={href}
        aria-current={href === current ? 'page' : undefined}
        className={classNames(
          '-mb-px border-b-2 border-transparent px-3 py-2 text-[0.8125rem] font-medium text-ink-2 hover:text-ink',
          href === current && 'border-accent text-ink',
        )}
      >
        {label}
      </Link>
    ))}
  </nav>
)
