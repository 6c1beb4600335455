"""Networks, recurrent PPO, the training loop, run directories, and agents of every origin."""
