"""Groups of people: found in several ways, doubted in several ways, described, and recognised again.

Arrays in, arrays out. `table` holds what is grouped, `centres`, `prototypes`, `latent` and `shares` find
groups, `choose`, `stability` and `matching` doubt them, `profiles` describes them, `typing_tool` and
`migration` recognise them later.
"""
