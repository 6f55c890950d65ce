import type { Metadata } from 'next'
import { AuthCard } from '../../../features/auth/auth-card.tsx'
import { SignInForm } from '../../../features/auth/sign-in-form.tsx'
import { returnPath } from '../../../features/session/return-path.ts'
import { t } from '../../../i18n/translate.ts'

export const metadata: Metadata = { title: t('auth.signIn.title') }

export default async function SignInPage({ searchParams }: PageProps<'/sign-in'>) {
  const { next } = await searchParams
  const back = returnPath(typeof next === 'string' ? next : null)
  return (
    <AuthCard
      title={t('auth.signIn.title')}
      lead={t('auth.signIn.lead')}
      other={t('auth.signIn.other')}
      otherLink={t('auth.signIn.otherLink')}
      otherHref={back === '/' ? '/sign-up' : `/sign-up?next=${encodeURIComponent(back)}`}
    >
      <SignInForm />
    </AuthCard>
  )
}
