'use client'

import { t } from '../../i18n/translate.ts'
import { Button } from '../ui/button.tsx'
import { TextField } from '../ui/field.tsx'
import { signIn } from './auth-client.ts'
import { PasswordField } from './password-field.tsx'
import { Refusal } from './refusal.tsx'
import { useAuthForm } from './use-auth-form.ts'

export const SignInForm = () => {
  const { errors, refusal, busy, onSubmit } = useAuthForm(['email', 'password'] as const, false, signIn)
  return (
    <form onSubmit={onSubmit} noValidate method="post" className="grid gap-4">
      <TextField label={t('auth.email')} name="email" type="email" autoComplete="email" required error={errors.email} />
      <PasswordField autoComplete="current-password" error={errors.password} />
      <Refusal text={refusal} />
      <Button type="submit" look="primary" size="large" busy={busy}>
        {t('auth.signIn.submit')}
      </Button>
    </form>
  )
}
