// The loop closes: update steps, forward again, the loss over the rounds.
