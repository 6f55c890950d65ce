import type { Metadata } from 'next'
import { AuthCard } from '../../../features/auth/auth-card.tsx'
import { SignUpForm } from '../../../features/auth/sign-up-form.tsx'
import { returnPath } from '../../../features/session/return-path.ts'
import { t } from '../../../i18n/translate.ts'

export const metadata: Metadata = { title: t('auth.signUp.title') }

export default async function SignUpPage({ searchParams }: PageProps<'/sign-up'>) {
  const { next } = await searchParams
  const back = returnPath(typeof next === 'string' ? next : null)
  return (
    <AuthCard
      title={t('auth.signUp.title')}
      lead={t('auth.signUp.lead')}
      other={t('auth.signUp.other')}
      otherLink={t('auth.signUp.otherLink')}
      otherHref={back === '/' ? '/sign-in' : `/sign-in?next=${encodeURIComponent(back)}`}
    >
      <SignUpForm />
    </AuthCard>
  )
}
