// A file is read here and put into the text field: it is sent, and looked at, as text.
const file = document.getElementById('file')
document.getElementById('file-part').hidden = false
file.addEventListener('change', async () => {
  const [chosen] = file.files
  if (chosen !== undefined) document.getElementById('lines').value = await chosen.text()
})
