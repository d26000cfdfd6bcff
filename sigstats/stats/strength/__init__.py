"""How strong an effect is: sizes that compare across metrics, and what new seeds would show."""
