'use client'

import { t } from '../../i18n/translate.ts'
import { MIN_PASSWORD_LENGTH, signIn, signUp } from '../auth/auth-client.ts'
import { PasswordField } from '../auth/password-field.tsx'
import { Refusal } from '../auth/refusal.tsx'
import { useAuthForm } from '../auth/use-auth-form.ts'
import { Button } from '../ui/button.tsx'
import { TextField } from '../ui/field.tsx'

interface JoinFormProps {
  token: string
  email: string
  /** Whether the address has no account yet. */
  isNew: boolean
}

/** Signs up or in with the address that was invited, and joins with the same step. */
export const JoinForm = ({ token, email, isNew }: JoinFormProps) =>
  isNew ? <New token={token} email={email} /> : <Known token={token} email={email} />

const New = ({ token, email }: Omit<JoinFormProps, 'isNew'>) => {
  const { errors, refusal, busy, onSubmit } = useAuthForm(['name', 'email', 'password'] as const, true, (values) =>
    signUp({ ...values, invitation: token }),
  )
  return (
    <form onSubmit={onSubmit} noValidate method="post" className="grid gap-4">
      <TextField label={t('auth.name')} name="name" autoComplete="name" required maxLength={120} error={errors.name} />
      <Address email={email} />
      <PasswordField
        autoComplete="new-password"
        hint={t('auth.passwordHint', { count: MIN_PASSWORD_LENGTH })}
        error={errors.password}
      />
      <Refusal text={refusal} />
      <Button type="submit" look="primary" size="large" busy={busy}>
        {t('join.signUp')}
      </Button>
    </form>
  )
}

const Known = ({ token, email }: Omit<JoinFormProps, 'isNew'>) => {
  const { errors, refusal, busy, onSubmit } = useAuthForm(['email', 'password'] as const, false, (values) =>
    signIn({ ...values, invitation: token }),
  )
  return (
    <form onSubmit={onSubmit} noValidate method="post" className="grid gap-4">
      <Address email={email} />
      <PasswordField autoComplete="current-password" error={errors.password} />
      <Refusal text={refusal} />
      <Button type="submit" look="primary" size="large" busy={busy}>
        {t('join.signIn')}
      </Button>
    </form>
  )
}

/** The invitation is for this address alone. */
const Address = ({ email }: { email: string }) => (
  <TextField label={t('auth.email')} name="email" type="email" autoComplete="username" value={email} readOnly />
)
