"""Several looks at data that grow: what each may be tested at, and evidence that may be looked at any time."""
