'use client'

import { type SubmitEvent, useState } from 'react'
import { t } from '../../i18n/translate.ts'
import { returnPath } from '../session/return-path.ts'
import { AuthRefused } from './auth-client.ts'
import { checkFields, type FieldErrors, fieldText } from './form-check.ts'

/** Checks a form, sends it once, and goes back to where the person was. */
export const useAuthForm = <Name extends string>(
  names: readonly Name[],
  isNew: boolean,
  send: (values: Record<Name, string>) => Promise<void>,
) => {
  const [errors, setErrors] = useState<FieldErrors<Name>>({})
  const [refusal, setRefusal] = useState<string>()
  const [busy, setBusy] = useState(false)

  const submit = async (form: HTMLFormElement) => {
    const entered = new FormData(form)
    const values = Object.fromEntries(names.map((name) => [name, fieldText(entered, name)])) as Record<Name, string>
    const found = checkFields(values, isNew)
    setErrors(found)
    setRefusal(undefined)
    const first = names.find((name) => found[name] !== undefined)
    if (first !== undefined) {
      form.querySelector<HTMLInputElement>(`[name="${first}"]`)?.focus()
      return
    }
    setBusy(true)
    try {
      await send(values)
      // A full load, so that nothing of an earlier session stays in memory.
      window.location.assign(returnPath(new URLSearchParams(window.location.search).get('next')))
    } catch (error) {
      setBusy(false)
      setRefusal(error instanceof AuthRefused ? error.message : t('error.unknown.message'))
    }
  }

  const onSubmit = (event: SubmitEvent<HTMLFormElement>) => {
    event.preventDefault()
    if (!busy) void submit(event.currentTarget)
  }
  return { errors, refusal, busy, onSubmit }
}
