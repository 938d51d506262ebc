// Passkeys: asks the browser for a credential and sends it with the form. The forms are hidden
// until this runs, since without JavaScript no browser can use a passkey.
'use strict'

for (const form of document.querySelectorAll('form[data-passkey]')) {
  if (!window.PublicKeyCredential) continue
  form.hidden = false
  form.addEventListener('submit', async (event) => {
    event.preventDefault()
    const fault = form.querySelector('[data-passkey-fault]')
    fault.hidden = true
    try {
      form.elements.credential.value = JSON.stringify(await credential(form))
      HTMLFormElement.prototype.submit.call(form)
    } catch (error) {
      fault.hidden = false
    }
  })
}

async function credential (form) {
  const { webauthnJSON } = window
  if (form.dataset.passkey === 'ask') {
    const answer = await fetch(form.action, { headers: { Accept: 'application/json' } })
    if (!answer.ok) throw new Error('no challenge')
    return webauthnJSON.get((await answer.json()).request_options)
  }
  const options = JSON.parse(form.dataset.options)
  if (form.dataset.passkey === 'given') return webauthnJSON.get(options)
  const selection = options.publicKey.authenticatorSelection
  const alone = form.elements.passwordless.checked
  selection.residentKey = alone ? 'required' : 'discouraged'
  selection.requireResidentKey = alone
  if (alone) selection.userVerification = 'required'
  return webauthnJSON.create(options)
}
