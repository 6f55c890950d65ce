import { t } from '../../i18n/translate.ts'
import { MIN_PASSWORD_LENGTH } from './auth-client.ts'

export type FieldErrors<Name extends string> = Partial<Record<Name, string>>

/** The text of a form's field; a file or a missing field counts as empty. */
export const fieldText = (form: FormData, name: string): string => {
  const value = form.get(name)
  return typeof value === 'string' ? value : ''
}

/** Problems that are seen without asking the server; each in words, by field. */
export const checkFields = <Name extends string>(values: Record<Name, string>, isNew: boolean): FieldErrors<Name> => {
  const errors: FieldErrors<Name> = {}
  for (const name of Object.keys(values) as Name[]) {
    const value = values[name]
    if (value.trim() === '') errors[name] = t('auth.error.required')
    else if (name === 'email' && !/^\S+@\S+$/.test(value)) errors[name] = t('auth.error.email')
    else if (name === 'password' && isNew && value.length < MIN_PASSWORD_LENGTH) {
      errors[name] = t('auth.error.passwordShort', { count: MIN_PASSWORD_LENGTH })
    }
  }
  return errors
}
