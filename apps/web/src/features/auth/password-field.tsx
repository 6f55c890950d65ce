'use client'

import { Eye, EyeOff } from 'lucide-react'
import { useState } from 'react'
import { t } from '../../i18n/translate.ts'
import { IconButton } from '../ui/button.tsx'
import { TextField } from '../ui/field.tsx'

interface PasswordFieldProps {
  autoComplete: 'current-password' | 'new-password'
  hint?: string
  error: string | undefined
}

export const PasswordField = ({ autoComplete, hint, error }: PasswordFieldProps) => {
  const [shown, setShown] = useState(false)
  const Icon = shown ? EyeOff : Eye
  return (
    <TextField
      label={t('auth.password')}
      name="password"
      type={shown ? 'text' : 'password'}
      autoComplete={autoComplete}
      required
      hint={hint}
      error={error}
      trailing={
        <IconButton
          label={t(shown ? 'auth.hidePassword' : 'auth.showPassword')}
          onClick={() => setShown(!shown)}
          aria-pressed={shown}
        >
          <Icon className="size-4" aria-hidden />
        </IconButton>
      }
    />
  )
}
