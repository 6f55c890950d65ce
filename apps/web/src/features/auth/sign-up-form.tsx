'use client'

import { t } from '../../i18n/translate.ts'
import { Button } from '../ui/button.tsx'
import { TextField } from '../ui/field.tsx'
import { MIN_PASSWORD_LENGTH, signUp } from './auth-client.ts'
import { PasswordField } from './password-field.tsx'
import { Refusal } from './refusal.tsx'
import { useAuthForm } from './use-auth-form.ts'

const FIELDS = ['name', 'workspace', 'email', 'password'] as const

export const SignUpForm = () => {
  const { errors, refusal, busy, onSubmit } = useAuthForm(FIELDS, true, signUp)
  return (
    <form onSubmit={onSubmit} noValidate method="post" className="grid gap-4">
      <TextField label={t('auth.name')} name="name" autoComplete="name" required maxLength={120} error={errors.name} />
      <TextField
        label={t('auth.workspace')}
        name="workspace"
        autoComplete="organization"
        hint={t('auth.workspaceHint')}
        required
        maxLength={120}
        error={errors.workspace}
      />
      <TextField label={t('auth.email')} name="email" type="email" autoComplete="email" required error={errors.email} />
      <PasswordField
        autoComplete="new-password"
        hint={t('auth.passwordHint', { count: MIN_PASSWORD_LENGTH })}
        error={errors.password}
      />
      <Refusal text={refusal} />
      <Button type="submit" look="primary" size="large" busy={busy}>
        {t('auth.signUp.submit')}
      </Button>
    </form>
  )
}
