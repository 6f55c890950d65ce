import { BookOpenCheck, MessageCircleQuestion, ShieldCheck } from 'lucide-react'
import Link from 'next/link'
import type { ReactNode } from 'react'
import { t } from '../../i18n/translate.ts'
import { Brand } from '../shell/brand.tsx'

const POINTS = [
  { icon: MessageCircleQuestion, text: t('auth.points.ask') },
  { icon: BookOpenCheck, text: t('auth.points.check') },
  { icon: ShieldCheck, text: t('auth.points.honest') },
]

interface AuthCardProps {
  title: string
  lead: string
  other: string
  otherLink: string
  otherHref: string
  children: ReactNode
}

/** The frame of sign-in and sign-up: the form, and beside it in three lines what this is. */
export const AuthCard = ({ title, lead, other, otherLink, otherHref, children }: AuthCardProps) => (
  <div className="grid min-h-dvh md:grid-cols-2">
    <main className="flex flex-col px-6 py-8 sm:px-12">
      <Brand />
      <div className="mx-auto my-auto w-full max-w-sm py-10">
        <h1 className="text-2xl font-semibold tracking-tight">{title}</h1>
        <p className="mt-1.5 text-ink-2">{lead}</p>
        <div className="mt-7">{children}</div>
        <p className="mt-6 text-ink-2">
          {other}{' '}
          <Link href={otherHref} className="font-medium text-accent underline underline-offset-2">
            {otherLink}
          </Link>
        </p>
      </div>
    </main>
    <aside className="hidden flex-col justify-center border-s border-line bg-sunken px-14 md:flex">
      <p className="max-w-md text-xl font-medium tracking-tight text-balance">{t('app.tagline')}</p>
      <ul className="mt-8 grid max-w-md gap-5">
        {POINTS.map(({ icon: Icon, text }) => (
          <li key={text} className="flex items-start gap-3.5 text-ink-2">
            <span className="grid size-8 shrink-0 place-items-center rounded-lg bg-accent-soft text-accent">
              <Icon className="size-4" aria-hidden />
            </span>
            <span className="pt-1.5">{text}</span>
          </li>
        ))}
      </ul>
    </aside>
  </div>
)
