'use client'

import { useEffect } from 'react'
import { t } from '../../i18n/translate.ts'

/** The title of the tab, for pages whose name is known only after loading. */
export const useTitle = (title: string | undefined): void => {
  useEffect(() => {
    if (title !== undefined) document.title = `${title} · ${t('app.name')}`
  }, [title])
}
